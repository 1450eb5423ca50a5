package dev.milepost.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.JobSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The age of the oldest claimable job. */
class OldestQueuedTest {
  private final SettableClock clock = new SettableClock();
  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private final JobStore store = new MemoryJobStore(clock, 1_000);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final OldestQueued oldest = new OldestQueued(store, registry);

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String tenant, String id, JobSpec.Builder spec) {
    JobKey key = new JobKey(tenant, id);
    NewJob job = new NewJob(key, "ann", "ann", "", "", spec.setType("a").build());
    store
        .update(
            Selection.of(key),
            found -> Decision.of(rules.create(job, List.of(), found.clock()), true))
        .toCompletableFuture()
        .join();
  }

  private double seconds() {
    oldest.take();
    // The store works in order: tenants, then two reads for each of two tenants.
    for (int read = 0; read < 5; read++) {
      store.get(List.of()).toCompletableFuture().join();
    }
    return registry.get("milepost.jobs.oldest.queued").gauge().value();
  }

  @Test
  void jobsThatWaitForTheirTimeHideNone() {
    assertThat(seconds()).isZero();
    for (int i = 0; i < 200; i++) {
      create(
          "acme",
          "later" + i,
          JobSpec.newBuilder()
              .setNotBeforeTime(Times.timestamp(clock.instant().plus(Duration.ofDays(1)))));
    }
    clock.advance(Duration.ofMinutes(1));
    assertThat(seconds()).isZero();

    create("acme", "claimable", JobSpec.newBuilder());
    create("other", "of another tenant", JobSpec.newBuilder());
    clock.advance(Duration.ofMinutes(5));
    assertThat(seconds()).isEqualTo(300);
  }

  @Test
  void jobsOfALowPriorityAreSeenBehindManyOfAHighOne() {
    create("acme", "low", JobSpec.newBuilder().setPriority(1));
    clock.advance(Duration.ofMinutes(5));
    for (int i = 0; i < 200; i++) {
      create("acme", "high" + i, JobSpec.newBuilder().setPriority(100));
    }
    assertThat(seconds()).isEqualTo(300);
  }
}
