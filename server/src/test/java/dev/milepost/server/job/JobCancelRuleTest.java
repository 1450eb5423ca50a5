package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JobCancelRuleTest {
  @Test
  void aQueuedJobIsCancelledImmediately() {
    JobLife life = JobLife.queued().after(5);

    life.cancel("no longer needed");

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(life.status().getCancel())
        .isEqualTo(
            CancelInfo.newBuilder()
                .setRequestedBy("bob")
                .setReason("no longer needed")
                .setRequestTime(Times.timestamp(life.now))
                .build());
    assertThat(life.status().getEndTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(life.status().hasDuration()).isFalse();
    assertThat(life.status().hasError()).isFalse();
    assertThat(life.lastStateChange().getCause()).isEqualTo("bob");
    assertThat(life.lastStateChange().getReason()).isEqualTo("no longer needed");
  }

  @Test
  void aJobWaitingForItsRetryKeepsItsErrorWhenCancelled() {
    JobLife life = JobLife.running();
    life.fail(JobLife.FLAKY);

    life.cancel("");

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(life.status().getError()).isEqualTo(JobLife.FLAKY);
    assertThat(life.status().hasClaimableTime()).isFalse();
    assertThat(life.wakeTime()).isEqualTo(life.now.plus(Duration.ofDays(30)));
  }

  @Test
  void aRunningJobIsAskedToStop() {
    JobLife life = JobLife.running();

    life.cancel("no longer needed");

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    assertThat(life.status().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_NOT_RUNNING);
    assertThat(life.status().getCancel().hasDeliverTime()).isFalse();
    assertThat(life.status().getCancel().getGraceExpireTime())
        .isEqualTo(Times.timestamp(life.now.plusSeconds(30)));
    assertThat(life.record.getAttemptToken()).as("it may still write").isEqualTo(life.token);
  }

  @Test
  void theGraceOfTheCallerPrecedesThatOfTheJobAndTheServer() {
    JobLife life =
        JobLife.running(
            JobLife.spec()
                .setTimeouts(JobTimeouts.newBuilder().setCancelGrace(JobLife.seconds(7))));
    life.cancel("");
    assertThat(life.status().getCancel().getGraceExpireTime())
        .isEqualTo(Times.timestamp(life.now.plusSeconds(7)));

    JobLife other = JobLife.running();
    other.run(new JobCommand.Cancel("bob", "", Duration.ofSeconds(3)));
    assertThat(other.status().getCancel().getGraceExpireTime())
        .isEqualTo(Times.timestamp(other.now.plusSeconds(3)));
  }

  @Test
  void cancellingTwiceIsCancellingOnce() {
    JobLife life = JobLife.cancelling();
    var before = life.record;

    assertThat(life.after(1).cancel("really")).isEqualTo(new JobDecision.Keep(before));
  }

  @Test
  void theFirstResponseToTheWorkerDeliversTheCancel() {
    JobLife life = JobLife.cancelling();

    life.after(2).report(JobLife.progress(1, 4));
    assertThat(life.status().getCancel().getDeliverTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(life.status().getProgress().getCurrent()).isEqualTo(1);

    var delivered = life.status().getCancel();
    life.after(2).heartbeat();
    assertThat(life.status().getCancel()).isEqualTo(delivered);
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLING);
  }

  @Test
  void theWorkerConfirms() {
    JobLife life = JobLife.cancelling().after(3);

    life.confirmCancel();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(life.status().hasError()).isFalse();
    assertThat(life.status().getCancel().getDeliverTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(life.status().getAttempts(0).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED);
    assertThat(life.status().hasLeaseExpireTime()).isFalse();
    assertThat(life.lastStateChange().getCause()).isEqualTo("worker-1");
    assertThat(life.lastStateChange().getReason()).isEqualTo("no longer needed");
  }

  @Test
  void aWorkerThatFailsInsteadCancelsTheJobWithItsError() {
    JobLife life = JobLife.cancelling();

    life.fail(JobLife.FLAKY);

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(life.status().getError()).isEqualTo(JobLife.FLAKY);
    assertThat(life.status().getAttempts(0).getError()).isEqualTo(JobLife.FLAKY);
    assertThat(life.status().getRetryCount()).isZero();
  }

  @Test
  void workThatWasDoneBeforeTheCancelSucceeds() {
    JobLife life = JobLife.cancelling();

    life.complete();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(life.status().getCancel().getRequestedBy()).isEqualTo("bob");
  }

  @Test
  void aCancellingJobCannotBeReleased() {
    JobLife life = JobLife.cancelling();

    assertThatExceptionOfType(Refusal.InvalidStateTransition.class)
        .isThrownBy(() -> life.release(""));
  }

  @Test
  void aCancelThatWasNotRequestedCannotBeConfirmed() {
    JobLife life = JobLife.running();

    assertThatExceptionOfType(Refusal.InvalidStateTransition.class).isThrownBy(life::confirmCancel);
  }

  @Test
  void theJobIsCancelledUnconfirmedAfterTheGracePeriod() {
    JobLife life = JobLife.cancelling();
    life.after(20).heartbeat();

    life.after(9).tick();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    life.after(1).tick();

    assertUnconfirmed(life);
    assertThatExceptionOfType(Refusal.LeaseLost.class).isThrownBy(life::confirmCancel);
  }

  @Test
  void theJobIsCancelledUnconfirmedWhenTheLeaseExpiresFirst() {
    JobLife life = JobLife.running();
    life.run(new JobCommand.Cancel("bob", "", Duration.ofHours(1)));

    life.after(30).tick();

    assertUnconfirmed(life);
  }

  @Test
  void aGraceOfZeroEndsAtTheNextTick() {
    JobLife life = JobLife.running();
    life.run(new JobCommand.Cancel("bob", "", Duration.ZERO));

    assertThat(life.wakeTime()).isEqualTo(life.now);
    life.tick();

    assertUnconfirmed(life);
  }

  private static void assertUnconfirmed(JobLife life) {
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(life.status().getError().getCode()).isEqualTo("CANCEL_UNCONFIRMED");
    assertThat(life.status().getAttempts(0).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_LOST);
    assertThat(life.status().getAttempts(0).getError().getCode()).isEqualTo("CANCEL_UNCONFIRMED");
    assertThat(life.lastStateChange().getCause()).as("the clock").isEmpty();
    assertThat(life.record.getAttemptToken()).isEmpty();
  }
}
