package dev.milepost.server.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.SettableClock;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.ParentRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is counted, for how long, and that it stays bounded. */
class JobCountersTest {
  private final SettableClock clock = new SettableClock();
  private final JobCounters counters = new JobCounters(clock, CommitObserver.NONE);

  private static JobRecord job(JobState state, int attempt) {
    return JobRecord.newBuilder()
        .setJob(
            Job.newBuilder().setStatus(JobStatus.newBuilder().setState(state).setAttempt(attempt)))
        .build();
  }

  private void changed(String tenant, @Nullable JobRecord before, @Nullable JobRecord after) {
    counters.changed(List.of(new Change(new JobKey(tenant, "j"), before, after, List.of())));
  }

  private JobTally sum(String tenant, Window window) {
    PeriodTallies tallies = new PeriodTallies();
    tallies.add(counters.stored(tenant));
    return tallies.sum(window, clock.instant());
  }

  @Test
  void eachEventCountsOnce() {
    JobRecord queued = job(JobState.JOB_STATE_QUEUED, 0);
    JobRecord running = job(JobState.JOB_STATE_RUNNING, 1);
    JobRecord failed = job(JobState.JOB_STATE_FAILED, 1);
    changed("acme", null, queued);
    changed("acme", queued, running);
    changed("acme", running, running);
    changed("acme", running, failed);
    changed("acme", failed, failed);
    // A group of commits is one change.
    changed("acme", failed, job(JobState.JOB_STATE_SUCCEEDED, 2));
    changed("acme", null, job(JobState.JOB_STATE_CANCELLED, 0));
    changed("acme", failed, null);

    assertThat(sum("acme", Window.HOUR)).isEqualTo(new JobTally(2, 2, 1, 1, 1));
    assertThat(sum(JobCounters.ALL, Window.HOUR)).isEqualTo(sum("acme", Window.HOUR));
  }

  @Test
  void parentsDoNotCount() {
    changed(
        "acme",
        null,
        job(JobState.JOB_STATE_QUEUED, 0).toBuilder()
            .setParentRecord(ParentRecord.getDefaultInstance())
            .build());

    assertThat(sum("acme", Window.DAY)).isEqualTo(JobTally.NONE);
  }

  @Test
  void windowsEnd() {
    changed("acme", null, job(JobState.JOB_STATE_QUEUED, 0));
    clock.advance(Duration.ofSeconds(61));
    assertThat(sum("acme", Window.MINUTE)).isEqualTo(JobTally.NONE);
    assertThat(sum("acme", Window.HOUR).created()).isEqualTo(1);

    clock.advance(Duration.ofHours(1));
    assertThat(sum("acme", Window.HOUR)).isEqualTo(JobTally.NONE);
    assertThat(sum("acme", Window.DAY).created()).isEqualTo(1);

    clock.advance(Duration.ofDays(1));
    assertThat(counters.stored("acme").getPeriodsCount()).isZero();
  }

  @Test
  void whatIsKeptIsBounded() {
    for (int i = 0; i < 100_000; i++) {
      changed("acme", null, job(JobState.JOB_STATE_SUCCEEDED, 1));
      clock.advance(Duration.ofSeconds(2));
    }

    assertThat(counters.stored("acme").getPeriodsCount()).isLessThanOrEqualTo(12 + 60 + 96);
    assertThat(counters.stored("acme").getSerializedSize()).isLessThan(6_000);
    assertThat(sum("acme", Window.MINUTE).created()).isBetween(25L, 30L);
    assertThat(sum("acme", Window.HOUR).created()).isBetween(1_750L, 1_800L);
  }

  @Test
  void ofManyTenantsTheLatestAreCounted() {
    for (int i = 0; i < 2 * JobCounters.MAX_TENANTS; i++) {
      changed("t" + i, null, job(JobState.JOB_STATE_QUEUED, 0));
    }

    assertThat(counters.tenants())
        .hasSize(JobCounters.MAX_TENANTS)
        .contains("t" + (2 * JobCounters.MAX_TENANTS - 1));
    assertThat(counters.takeChanged()).hasSize(JobCounters.MAX_TENANTS + 1);
    assertThat(sum(JobCounters.ALL, Window.DAY).created()).isEqualTo(2 * JobCounters.MAX_TENANTS);
  }
}
