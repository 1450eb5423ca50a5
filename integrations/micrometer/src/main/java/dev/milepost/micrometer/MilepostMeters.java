package dev.milepost.micrometer;

import dev.milepost.client.HandlerInterceptor;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobClientBuilder;
import dev.milepost.client.Worker;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.concurrent.TimeUnit;

/**
 * The meters of a client and its workers. Thread-safe.
 *
 * <pre>{@code
 * MilepostMeters meters = new MilepostMeters(registry);
 * JobClient client = meters.measure(JobClient.builder("localhost:7300")).build();
 * meters.bind(client);
 * Worker worker = client.worker().intercept(meters.handlers()).handler("sync", handler).start();
 * meters.bind(worker);
 * }</pre>
 */
public final class MilepostMeters {
  private final MeterRegistry registry;
  private final HandlerMeters handlers;

  /** Creates meters; each one is registered when it first has something to count. */
  public MilepostMeters(MeterRegistry registry) {
    this.registry = registry;
    this.handlers = new HandlerMeters(registry);
  }

  /**
   * Measures the calls of a client: {@code milepost.client.calls} by {@code rpc} and {@code code},
   * {@code milepost.client.available}, {@code milepost.client.outages} and {@code
   * milepost.worker.claimed}.
   *
   * @param builder builder of the client
   * @return the same builder
   */
  public JobClientBuilder measure(JobClientBuilder builder) {
    Availability availability = new Availability(registry);
    return builder.channel(channel -> channel.intercept(new CallMeters(registry, availability)));
  }

  /**
   * Returns an interceptor that measures handlers: {@code milepost.worker.jobs} by {@code type} and
   * {@code outcome}, and {@code milepost.worker.running} by {@code type}.
   */
  public HandlerInterceptor handlers() {
    return handlers;
  }

  /**
   * Measures how reporting keeps up with the handlers of a client: {@code milepost.client.unsent},
   * {@code milepost.client.dropped} and {@code milepost.client.blocked}, until the client is no
   * longer used.
   */
  public void bind(JobClient client) {
    Gauge.builder("milepost.client.unsent", client, of -> of.reportStatistics().unsentBytes())
        .description("What handlers have reported and the server has not accepted yet")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
    FunctionCounter.builder(
            "milepost.client.dropped", client, of -> of.reportStatistics().droppedLines())
        .description("Log lines that were dropped, as too much was unsent")
        .baseUnit("lines")
        .register(registry);
    FunctionTimer.builder(
            "milepost.client.blocked",
            client,
            of -> of.reportStatistics().blockedCalls(),
            of -> of.reportStatistics().blockedTime().toNanos(),
            TimeUnit.NANOSECONDS)
        .description("Calls of handlers that had to wait, as too much was unsent")
        .register(registry);
  }

  /**
   * Measures a worker: {@code milepost.worker.slots.used} by {@code worker}, until the worker is no
   * longer used.
   */
  public void bind(Worker worker) {
    Gauge.builder("milepost.worker.slots.used", worker, Worker::running)
        .description(
            "Jobs that the worker runs, handlers that have ended but not reported included")
        .tag("worker", worker.workerId())
        .register(registry);
  }
}
