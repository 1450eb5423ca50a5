package dev.milepost.server.metrics;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Meters of a store's commits, and of its clock. */
final class CommitMeters implements CommitObserver {
  private final Timer commits;
  private final DistributionSummary groups;
  private final Counter failures;
  private final Counter unreadable;
  private final Counter unreadableEntries;
  private final Counter unreadableItems;
  private final Counter jumpsForward;
  private final Counter jumpsBack;
  private final Timer pauses;
  private final JobMeters jobs;

  CommitMeters(MeterRegistry registry) {
    jobs = new JobMeters(registry);
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
    jumpsForward = jumps("forward", registry);
    jumpsBack = jumps("back", registry);
    pauses =
        Timer.builder("milepost.server.pauses")
            .description("Times in which the server did not run")
            .register(registry);
  }

  private static Counter unreadableParts(String part, MeterRegistry registry) {
    return Counter.builder("milepost.store.unreadable.parts")
        .description("Runs of journal entries, and items, found that cannot be read")
        .tag("part", part)
        .register(registry);
  }

  private static Counter jumps(String direction, MeterRegistry registry) {
    return Counter.builder("milepost.clock.jumps")
        .description("How often the clock that decides was set, or the machine was suspended")
        .tag("direction", direction)
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
  public void clockJumped(long micros) {
    (micros > 0 ? jumpsForward : jumpsBack).increment();
  }

  @Override
  public void paused(long micros) {
    pauses.record(micros, TimeUnit.MICROSECONDS);
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
  public void changed(List<Change> changes) {
    jobs.changed(changes);
  }

  @Override
  public void failed(int updates) {
    failures.increment(updates);
  }
}
