package dev.milepost.server.metrics;

import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.upkeep.TickObserver;
import dev.milepost.server.watch.WatchObserver;
import dev.milepost.server.webhook.WebhookObserver;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All meters of a server, and what they read as text for Prometheus. Thread-safe.
 *
 * <p>What the server does is counted from the beginning. What has to be asked for (jobs by state,
 * the process) is asked for by a thread of its own, once the server serves; of the process, a
 * moment later, or when the page is read first.
 */
public final class Meters implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Meters.class);
  private static final Duration COUNT_JOBS_EVERY = Duration.ofSeconds(10);

  /** The first calls have the processor to themselves for so long. */
  private static final Duration PROCESS_AFTER = Duration.ofSeconds(2);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ServerInterceptor calls = new MetricCollectingServerInterceptor(registry);
  private final ServiceMeters services = new ServiceMeters(registry);
  private final CommitMeters commits = new CommitMeters(registry);
  private final WatchMeters watches = new WatchMeters(registry);
  private final TickMeters ticks = new TickMeters(registry);
  private final ProcessMeters process = new ProcessMeters(registry);
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-metrics"));

  /** Meters that nothing has been told to yet. */
  public Meters() {}

  /**
   * Measures calls: those that are refused, too, where it is the first that they pass. It adds two
   * counters to a call, and to each message of a stream one.
   */
  public ServerInterceptor calls() {
    return calls;
  }

  /** Measures what the services do. */
  public ServiceObserver services() {
    return services;
  }

  /** Measures a store's commits. */
  public CommitObserver commits() {
    return commits;
  }

  /** Measures watches. */
  public WatchObserver watches() {
    return watches;
  }

  /** Measures upkeep. */
  public TickObserver ticks() {
    return ticks;
  }

  /**
   * Begins to ask for what nobody tells of by itself. Returns at once.
   *
   * @param store is asked for its counts of jobs
   * @param waitingChanges changes that wait for the store; asked for whenever the page is read
   * @param ready runs on another thread when the first page can be read
   */
  public void begin(JobStore store, IntSupplier waitingChanges, Runnable ready) {
    thread.execute(
        guarded(
            () -> {
              Gauge.builder("milepost.store.waiting.changes", waitingChanges::getAsInt)
                  .description("Changes handed to the store and not answered yet")
                  .register(registry);
              beginProcessSoon();
              JobCensus census = new JobCensus(store, registry);
              var unused =
                  thread.scheduleWithFixedDelay(
                      guarded(census::take), 0, COUNT_JOBS_EVERY.toMillis(), TimeUnit.MILLISECONDS);
              ready.run();
            }));
  }

  private void beginProcessSoon() {
    var unused =
        thread.schedule(guarded(process::begin), PROCESS_AFTER.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * What all meters read now, in Prometheus' text format 0.0.4. Asks no store; the first time, it
   * may take a while.
   */
  public String page() {
    process.begin();
    return registry.scrape();
  }

  /** A fault here must not end what goes on here. */
  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("A meter failed in an unforeseen way.", e);
      }
    };
  }

  /** Measures webhooks. */
  public WebhookObserver webhooks() {
    return ticks;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    process.close();
    registry.close();
  }
}
