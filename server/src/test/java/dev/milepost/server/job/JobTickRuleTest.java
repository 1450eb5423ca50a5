package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobTickRuleTest {
  @Test
  void aWorkerCanStillConfirmACancelAfterTheServerWasDown() {
    JobLife life = JobLife.cancelling().after(3_600);
    life.restart();

    life.tick();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLING);

    life.after(30).tick();
    assertThat(life.status().getError().getCode()).isEqualTo("CANCEL_UNCONFIRMED");
  }

  @Test
  void aJobIsRetriedWhenItsLeaseExpires() {
    JobLife life = JobLife.running();
    assertThat(life.wakeTime()).isEqualTo(life.now.plusSeconds(30));

    life.after(30).tick();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(life.status().getError().getCode()).isEqualTo("LEASE_EXPIRED");
    assertThat(life.status().getRetryCount()).isEqualTo(1);
    assertThat(life.status().hasClaimableTime()).isTrue();
    assertThat(life.status().hasLeaseExpireTime()).isFalse();
    assertThat(life.status().getAttempts(0).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_LOST);
    assertThat(life.record.getAttemptToken()).isEmpty();
    assertThat(life.lastStateChange().getCause()).isEmpty();
  }

  @Test
  void aJobWithoutRetriesLeftFailsWhenItsLeaseExpires() {
    JobLife life = JobLife.running(JobLife.spec().setMaxRetries(0));

    life.after(30).tick();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(life.status().getError().getCode()).isEqualTo("LEASE_EXPIRED");
  }

  @Test
  void aTickThatComesTooEarlyChangesNothing() {
    JobLife life = JobLife.running();
    var before = life.record;

    assertThat(life.after(29).tick()).isEqualTo(new JobDecision.Keep(before));
  }

  @Test
  void aTickThatFindsNothingDueOnlySchedulesTheNext() {
    JobLife life = JobLife.running();
    life.after(20).heartbeat();
    assertThat(life.wakeTime()).as("not moved by a renewed lease").isEqualTo(at(30));
    var before = life.record;

    life.after(10).tick();

    assertThat(life.record)
        .isEqualTo(
            before.toBuilder()
                .setWakeTime(Times.timestamp(at(50)))
                .setRevision(before.getRevision() + 1)
                .build());
  }

  @Test
  void aJobThatNoWorkerClaimsFails() {
    JobLife life = JobLife.queued(timeouts(JobTimeouts.newBuilder().setQueue(JobLife.seconds(60))));
    assertThat(life.wakeTime()).isEqualTo(at(60));

    life.after(60).tick();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(life.status().getError().getCode()).isEqualTo("QUEUE_TIMEOUT");
    assertThat(life.status().hasEndTime()).isTrue();
    assertThat(life.status().hasDuration()).isFalse();
    assertThat(life.status().getAttemptsList()).isEmpty();
  }

  @Test
  void theQueueTimeoutAppliesToTheFirstAttemptOnly() {
    JobLife life =
        JobLife.running(timeouts(JobTimeouts.newBuilder().setQueue(JobLife.seconds(60))));
    life.after(1).release("");

    life.after(3600).tick();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void theQueueTimeoutStartsWhenTheJobCanBeClaimed() {
    JobLife life =
        JobLife.queued(
            timeouts(JobTimeouts.newBuilder().setQueue(JobLife.seconds(60)))
                .setNotBeforeTime(Times.timestamp(at(600))));

    life.after(600).tick();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(life.status().hasClaimableTime()).isFalse();
    life.after(60).tick();
    assertThat(life.status().getError().getCode()).isEqualTo("QUEUE_TIMEOUT");
  }

  @Test
  void anAttemptThatTimesOutIsRetried() {
    JobLife life =
        JobLife.running(timeouts(JobTimeouts.newBuilder().setAttempt(JobLife.seconds(60))));
    life.after(20).heartbeat();
    life.after(20).heartbeat();
    life.after(20).tick();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(life.status().getError().getCode()).isEqualTo("ATTEMPT_TIMEOUT");
    assertThat(life.status().getRetryCount()).isEqualTo(1);
    assertThat(life.status().getAttempts(0).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_FAILED);
    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(life::heartbeat);
  }

  @Test
  void theWorkerOfAnAttemptThatTimedOutIsToldSoAndNobodyElse() {
    JobLife life =
        JobLife.running(timeouts(JobTimeouts.newBuilder().setAttempt(JobLife.seconds(20))));
    String token = life.token;
    life.after(20).tick();

    assertThatThrownBy(life::heartbeat)
        .isInstanceOf(Refusal.LeaseLost.class)
        .hasMessageContaining("The attempt did not end within its timeout. Stop working on it.");
    assertThat(JobRecords.leaseLost(life.record, token).getMessage()).contains("its timeout");
    assertThat(JobRecords.leaseLost(life.record, "another token").getMessage())
        .doesNotContain("timeout");
  }

  @Test
  void theTotalTimeoutLimitsAllAttemptsTogether() {
    JobLife life =
        JobLife.running(timeouts(JobTimeouts.newBuilder().setTotal(JobLife.seconds(60))));
    life.after(20).release("");
    life.after(20).claim();

    life.after(20).tick();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(life.status().getError().getCode()).isEqualTo("TOTAL_TIMEOUT");
    assertThat(life.status().getRetryCount()).isZero();
    assertThat(life.status().getAttempts(1).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_FAILED);
  }

  @Test
  void theTotalTimeoutAlsoEndsAQueuedJob() {
    JobLife life = JobLife.queued(timeouts(JobTimeouts.newBuilder().setTotal(JobLife.seconds(60))));

    life.after(60).tick();

    assertThat(life.status().getError().getCode()).isEqualTo("TOTAL_TIMEOUT");
  }

  @Test
  void theTotalTimeoutPrecedesALostLease() {
    JobLife life =
        JobLife.running(timeouts(JobTimeouts.newBuilder().setTotal(JobLife.seconds(60))));

    life.after(3600).tick();

    assertThat(life.state()).as("in one tick").isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(life.status().getError().getCode()).isEqualTo("TOTAL_TIMEOUT");
    assertThat(life.status().getAttempts(0).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_LOST);
  }

  @Test
  void aJobWithoutNewsIsStalledUntilItReportsSome() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4));
    for (int i = 0; i < 30; i++) {
      life.after(10).heartbeat();
    }

    life.tick();
    assertThat(life.status().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_STALLED);
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(life.tick()).as("once").isInstanceOf(JobDecision.Keep.class);

    life.after(1).heartbeat();
    assertThat(life.status().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_STALLED);

    life.after(1).report(JobLife.progress(2, 4));
    assertThat(life.status().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_OK);
  }

  @Test
  void aJobThatNeverReportedStallsFromItsStart() {
    JobLife life =
        JobLife.running(timeouts(JobTimeouts.newBuilder().setStallAfter(JobLife.seconds(10))));
    assertThat(life.wakeTime()).isEqualTo(at(10));

    life.after(10).tick();

    assertThat(life.status().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_STALLED);
    assertThat(life.wakeTime()).isEqualTo(at(30));
  }

  @Test
  void theEndOfABackoffIsAChangeThatWakesWorkers() {
    JobLife life = JobLife.running();
    life.fail(JobLife.FLAKY);
    life.now = life.wakeTime();

    assertThat(life.tick()).isInstanceOf(JobDecision.Put.class);
    assertThat(life.status().hasClaimableTime()).isFalse();
    assertThat(life.record.hasWakeTime()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = JobState.class,
      names = {
        "JOB_STATE_QUEUED",
        "JOB_STATE_SUCCEEDED",
        "JOB_STATE_FAILED",
        "JOB_STATE_CANCELLED"
      })
  void anExpiredJobIsHiddenAndDeletedByTheNextTick(JobState state) {
    JobLife life = JobLife.in(state);
    expireAt(life, 60);
    assertThat(life.wakeTime()).isEqualTo(at(60));
    assertThat(life.rules.timers().isExpired(life.record, at(59))).isFalse();

    life.now = at(60);
    assertThat(life.rules.timers().isExpired(life.record, life.now)).isTrue();
    assertThatExceptionOfType(Refusal.JobNotFound.class).isThrownBy(life::claim);
    assertThatExceptionOfType(Refusal.JobNotFound.class).isThrownBy(life::retry);
    assertThatExceptionOfType(Refusal.JobNotFound.class).isThrownBy(life::delete);
    assertThatExceptionOfType(Refusal.JobNotFound.class).isThrownBy(() -> life.cancel(""));

    life.tick();
    assertThat(life.gone).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = JobState.class,
      names = {"JOB_STATE_RUNNING", "JOB_STATE_CANCELLING"})
  void aJobThatAWorkerHoldsNeverExpires(JobState state) {
    JobLife life = JobLife.in(state);
    expireAt(life, 10);

    life.now = at(20);
    life.tick();
    assertThat(life.gone).isFalse();
    assertThat(life.rules.timers().isExpired(life.record, life.now)).isFalse();

    life.complete();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    life.tick();
    assertThat(life.gone).isTrue();
  }

  @Test
  void aTimeFinerThanThePrecisionOfStoresIsDueAtItsWakeTime() {
    Timestamp fine =
        Timestamp.newBuilder()
            .setSeconds(JobLife.START.getEpochSecond() + 60)
            .setNanos(1_999)
            .build();
    JobLife life = JobLife.queued(JobLife.spec().setExpireTime(fine));

    life.now = life.wakeTime();
    life.tick();

    assertThat(life.gone).isTrue();
  }

  @Test
  void aServerStartWithinAMicrosecondDelaysNoTick() {
    JobLife life = JobLife.running();
    life.restartedAt(JobLife.START.plusSeconds(5).plusNanos(999));
    life.after(30).tick();
    assertThat(life.wakeTime()).isEqualTo(at(35));

    life.now = life.wakeTime();
    life.tick();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  private static void expireAt(JobLife life, long seconds) {
    life.run(
        new JobCommand.Update(
            JobSpec.newBuilder().setExpireTime(Times.timestamp(at(seconds))).build(),
            com.google.protobuf.FieldMask.newBuilder().addAllPaths(List.of("expire_time")).build(),
            ""));
  }

  private static JobSpec.Builder timeouts(JobTimeouts.Builder timeouts) {
    return JobLife.spec().setTimeouts(timeouts);
  }

  private static java.time.Instant at(long seconds) {
    return JobLife.START.plus(Duration.ofSeconds(seconds));
  }
}
