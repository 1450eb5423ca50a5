package dev.milepost.server.metrics;

import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the job has waited that has been claimable longest, as the store last said. It asks for
 * the first claimable jobs of each tenant, so its cost does not grow with the number of jobs, and
 * jobs that wait for their time hide none. Reading the page never waits for the store.
 */
final class OldestQueued {
  private static final Logger LOG = LoggerFactory.getLogger(OldestQueued.class);

  /** Tenants that are asked about; of more, some. */
  private static final int MAX_TENANTS = 100;

  private static final JobShape OUTLINE = JobShape.OUTLINE;

  private final JobStore store;
  private volatile double seconds = Double.NaN;

  OldestQueued(JobStore store, MeterRegistry registry) {
    this.store = store;
    Gauge.builder("milepost.jobs.oldest.queued", () -> seconds)
        .description("How long the oldest claimable job has waited")
        .baseUnit("seconds")
        .register(registry);
  }

  /** Asks the store again. Does not wait for it. */
  void take() {
    store
        .queuedTenants(MAX_TENANTS)
        .thenCompose(this::oldest)
        .whenComplete(
            (oldest, failure) -> {
              if (failure != null) {
                LOG.debug("The oldest queued job could not be read.", failure);
                seconds = Double.NaN;
              } else {
                seconds = oldest.map(this::age).orElse(0.0);
              }
            });
  }

  private double age(Instant since) {
    return Math.max(0, Duration.between(since, store.clock().instant()).toMillis() / 1_000.0);
  }

  private CompletionStage<Optional<Instant>> oldest(List<String> tenants) {
    CompletionStage<Optional<Instant>> oldest = CompletableFuture.completedStage(Optional.empty());
    // One after the other, so that they do not delay the reads of callers.
    for (String tenant : tenants) {
      oldest =
          oldest.thenCompose(
              known ->
                  store
                      .firstClaimable(tenant)
                      .thenCompose(keys -> store.get(keys, "", JobQuery.MAX_BYTES, OUTLINE))
                      .thenApply(
                          found ->
                              Stream.concat(
                                      known.stream(),
                                      found.jobs().stream().flatMap(job -> since(job).stream()))
                                  .min(Instant::compareTo)));
    }
    return oldest;
  }

  /** Returns since when a job has been in the queue; empty if nobody may claim it now. */
  private static Optional<Instant> since(JobRecord job) {
    if (job.getHeldBack() || job.getJob().getStatus().hasClaimableTime()) {
      return Optional.empty();
    }
    long seconds =
        Math.max(
            job.getJob().getStatus().getQueueTime().getSeconds(),
            job.getJob().getSpec().getNotBeforeTime().getSeconds());
    return Optional.of(Instant.ofEpochSecond(seconds));
  }
}
