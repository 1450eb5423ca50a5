package dev.milepost.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.v1.JobSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Meters of jobs by state. */
class JobCensusTest {
  private final SettableClock clock = new SettableClock();
  private final JobRules rules = new JobRules(JobDefaults.STANDARD);
  private final JobStore store = new MemoryJobStore(clock, 1000);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final JobCensus census = new JobCensus(store, registry);

  @AfterEach
  void close() {
    store.close();
  }

  private double jobs(String state) {
    return registry.get("milepost.jobs").tag("state", state).gauge().value();
  }

  private void create(String tenant, String id) {
    JobKey key = new JobKey(tenant, id);
    NewJob job = new NewJob(key, "ann", "ann", "", "", JobSpec.newBuilder().setType("a").build());
    store
        .update(
            Selection.of(key),
            found -> Decision.of(rules.create(job, List.of(), found.clock()), true))
        .toCompletableFuture()
        .join();
  }

  @Test
  void anUnknownCountIsNotZero() {
    assertThat(jobs("queued")).isNaN();
  }

  @Test
  void theJobsOfAllTenantsAreCounted() {
    create("acme", "one");
    create("other", "two");
    census.take();
    // The store works in order: once this read completes, the count has too.
    store.get(List.of()).toCompletableFuture().join();
    assertThat(jobs("queued")).isEqualTo(2);
    assertThat(jobs("running")).isZero();
    assertThat(registry.find("milepost.jobs").gauges()).hasSize(6);
  }

  @Test
  void aFailedCountReplacesTheLastOneWithNaN() {
    census.take();
    store.get(List.of()).toCompletableFuture().join();
    assertThat(jobs("queued")).isZero();
    store.close();
    census.take();
    assertThat(jobs("queued")).isNaN();
  }
}
