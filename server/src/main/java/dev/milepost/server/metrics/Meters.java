package dev.milepost.server.metrics;

import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.store.CommitObserver;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All meters of a server, and their values as text for Prometheus. Thread-safe.
 *
 * <p>What the server does is counted from the beginning. Values that nothing publishes (jobs by
 * state, the process) are read on a separate thread once the server serves; those of the process a
 * moment later, or when the page is first read.
 */
public final class Meters implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Meters.class);
  private static final Duration CENSUS_INTERVAL = Duration.ofSeconds(10);

  /** Leaves the processor to the first calls. */
  private static final Duration PROCESS_DELAY = Duration.ofSeconds(2);

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

  private volatile double logSize = Double.NaN;

  /** Creates meters that have measured nothing yet. */
  public Meters() {}

  /**
   * Measures calls, including rejected ones if it is the first interceptor. It increments two
   * counters per call, and one per message of a stream.
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
   * Starts to read values that nothing publishes. Returns at once.
   *
   * @param readings what the other parts of the server know
   * @param ready runs on another thread when the first page can be read
   */
  public void begin(Readings readings, Runnable ready) {
    thread.execute(
        guarded(
            () -> {
              register(readings);
              ready.run();
            }));
  }

  /** A meter that fails must not keep the page from being read. */
  private void register(Readings readings) {
    try {
      readings.register(registry);
      Gauge.builder("milepost.store.log", () -> logSize)
          .description("Size of the SQLite store's write-ahead log")
          .baseUnit("bytes")
          .register(registry);
      beginProcessSoon();
      JobCensus census = new JobCensus(readings.store(), registry);
      OldestQueued oldest = new OldestQueued(readings.store(), registry);
      every(CENSUS_INTERVAL, census::take);
      every(CENSUS_INTERVAL, () -> logSize = readings.logSize().getAsDouble());
      every(CENSUS_INTERVAL, oldest::take);
    } catch (RuntimeException e) {
      LOG.error("The meters could not be registered.", e);
    }
  }

  private void every(Duration interval, Runnable task) {
    var unused =
        thread.scheduleWithFixedDelay(guarded(task), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void beginProcessSoon() {
    var unused =
        thread.schedule(guarded(process::begin), PROCESS_DELAY.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Returns the values of all meters in Prometheus' text format 0.0.4. Does not access the store;
   * the first call may take a while.
   */
  public String page() {
    process.begin();
    return registry.scrape();
  }

  /** Keeps a failure from ending the schedule. */
  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        LOG.error("A meter failed unexpectedly.", e);
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
