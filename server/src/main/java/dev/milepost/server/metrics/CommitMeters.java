package dev.milepost.server.metrics;

import dev.milepost.server.store.CommitObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Meters of a store's commits. */
final class CommitMeters implements CommitObserver {
  private final Timer commits;
  private final DistributionSummary groups;
  private final Counter failures;
  private final Counter unreadable;
  private final Counter unreadableEntries;
  private final Counter unreadableItems;

  CommitMeters(MeterRegistry registry) {
    commits =
        Timer.builder("milepost.store.commit")
            .description("Time of a commit, its flush to the disk included")
            .serviceLevelObjectives(Buckets.TIMES)
            .register(registry);
    groups =
        DistributionSummary.builder("milepost.store.commit.updates")
            .description("Updates that shared a commit")
            .serviceLevelObjectives(Buckets.GROUPS)
            .register(registry);
    failures =
        Counter.builder("milepost.store.failed.updates")
            .description("Updates whose commit failed")
            .register(registry);
    unreadable =
        Counter.builder("milepost.store.unreadable.jobs")
            .description("Jobs found whose stored record cannot be read")
            .register(registry);
    unreadableEntries = unreadableParts("entries", registry);
    unreadableItems = unreadableParts("items", registry);
  }

  private static Counter unreadableParts(String part, MeterRegistry registry) {
    return Counter.builder("milepost.store.unreadable.parts")
        .description("Runs of journal entries, and items, found that cannot be read")
        .tag("part", part)
        .register(registry);
  }

  @Override
  public void foundUnreadableEntries() {
    unreadableEntries.increment();
  }

  @Override
  public void foundUnreadableItem() {
    unreadableItems.increment();
  }

  @Override
  public void foundUnreadable() {
    unreadable.increment();
  }

  @Override
  public void committed(int updates, long nanos) {
    commits.record(nanos, TimeUnit.NANOSECONDS);
    groups.record(updates);
  }

  @Override
  public void failed(int updates) {
    failures.increment(updates);
  }
}
