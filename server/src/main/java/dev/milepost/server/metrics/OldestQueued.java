package dev.milepost.server.metrics;

import dev.milepost.server.app.OldestClaimable;
import dev.milepost.server.store.JobStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the job has waited that has been claimable longest, as the store last said. Reading the
 * page never waits for the store.
 */
final class OldestQueued {
  private static final Logger LOG = LoggerFactory.getLogger(OldestQueued.class);

  private final JobStore store;
  private final OldestClaimable oldest;
  private volatile double seconds = Double.NaN;

  OldestQueued(JobStore store, MeterRegistry registry) {
    this.store = store;
    this.oldest = new OldestClaimable(store);
    Gauge.builder("milepost.jobs.oldest.queued", () -> seconds)
        .description("How long the oldest claimable job has waited")
        .baseUnit("seconds")
        .register(registry);
  }

  /** Asks the store again. Does not wait for it. */
  void take() {
    oldest
        .since("")
        .whenComplete(
            (since, failure) -> {
              if (failure != null) {
                LOG.debug("The oldest queued job could not be read.", failure);
                seconds = Double.NaN;
              } else {
                seconds = since.map(this::age).orElse(0.0);
              }
            });
  }

  private double age(Instant since) {
    return Math.max(0, Duration.between(since, store.clock().instant()).toMillis() / 1_000.0);
  }
}
