package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.RetryBackoff;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobEndRuleTest {
  @Test
  void completeMakesTheJobSucceed() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 4));
    life.after(60 - 40).report(JobLife.progress(2, 4));

    life.after(20)
        .run(
            new JobCommand.Complete(
                life.token,
                JobLife.progress(4, 4).build(),
                Map.of(),
                JobLife.struct("album", "42")));

    var status = life.status();
    assertThat(status.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(status.getHealth()).isEqualTo(JobHealth.JOB_HEALTH_NOT_RUNNING);
    assertThat(status.getProgress().getPercent()).isEqualTo(100);
    assertThat(status.getProgress().hasEstimatedEndTime()).isFalse();
    assertThat(status.getResult()).isEqualTo(JobLife.struct("album", "42"));
    assertThat(status.getEndTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(status.getDuration()).isEqualTo(JobLife.seconds(40));
    assertThat(status.hasLeaseExpireTime()).isFalse();
    assertThat(status.hasError()).isFalse();
    assertThat(status.getWorkerId()).isEqualTo("worker-1");
    assertThat(status.getAttempts(0).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_SUCCEEDED);
    assertThat(status.getAttempts(0).getEndTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(life.record.getAttemptToken()).isEmpty();
    assertThat(life.wakeTime()).isEqualTo(life.now.plus(Duration.ofDays(30)));
  }

  @Test
  void theResultIsOptional() {
    JobLife life = JobLife.running();
    life.complete();

    assertThat(life.status().hasResult()).isFalse();
  }

  @Test
  void successClearsTheErrorOfTheEarlierAttempt() {
    JobLife life = JobLife.running();
    life.fail(JobLife.FLAKY);
    assertThat(life.status().getError()).isEqualTo(JobLife.FLAKY);

    life.claimWhenDue();
    assertThat(life.status().getError()).isEqualTo(JobLife.FLAKY);
    life.complete();

    assertThat(life.status().hasError()).isFalse();
    assertThat(life.status().getAttempts(0).getError()).isEqualTo(JobLife.FLAKY);
  }

  @Test
  void aRetryableErrorQueuesTheJobAgainAfterTheBackoff() {
    JobLife life =
        JobLife.running(
            JobLife.spec()
                .setRetryBackoff(RetryBackoff.newBuilder().setInitial(JobLife.seconds(10))));

    life.fail(JobLife.FLAKY);

    var status = life.status();
    assertThat(status.getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(status.getRetryCount()).isEqualTo(1);
    assertThat(status.getError()).isEqualTo(JobLife.FLAKY);
    assertThat(status.hasEndTime()).isFalse();
    assertThat(status.getQueueTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(Times.instant(status.getClaimableTime()))
        .isBetween(life.now.plusSeconds(8), life.now.plusSeconds(12));
    assertThat(status.getAttempts(0).getOutcome()).isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_FAILED);
    assertThat(status.getAttempts(0).getError()).isEqualTo(JobLife.FLAKY);
    assertThat(life.wakeTime()).isEqualTo(Times.instant(status.getClaimableTime()));
    assertThat(life.lastStateChange().getReason()).isEqualTo("retry 1 of 3");
    assertThat(life.lastStateChange().getError()).isEqualTo(JobLife.FLAKY);
  }

  @Test
  void whenNoRetryIsLeftTheJobFails() {
    JobLife life = JobLife.running(JobLife.spec().setMaxRetries(2));
    life.fail(JobLife.FLAKY);
    life.claimWhenDue();
    life.fail(JobLife.FLAKY);
    assertThat(life.status().getRetryCount()).isEqualTo(2);
    life.claimWhenDue();
    life.fail(JobLife.FLAKY);

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(life.status().getRetryCount()).isEqualTo(2);
    assertThat(life.status().getAttempt()).isEqualTo(3);
    assertThat(life.status().getError()).isEqualTo(JobLife.FLAKY);
    assertThat(life.status().hasEndTime()).isTrue();
  }

  @Test
  void anErrorThatIsNotRetryableFailsTheJob() {
    JobLife life = JobLife.running();
    life.fail(JobLife.BROKEN);

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(life.status().getRetryCount()).isZero();
    assertThat(life.status().hasClaimableTime()).isFalse();
  }

  @Test
  void releaseQueuesTheJobWithoutUsingARetry() {
    JobLife life = JobLife.running(JobLife.spec().setMaxRetries(0));

    life.release("draining");

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(life.status().getRetryCount()).isZero();
    assertThat(life.status().hasClaimableTime()).isFalse();
    assertThat(life.status().hasError()).isFalse();
    assertThat(life.status().getAttempts(0).getOutcome())
        .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_RELEASED);
    assertThat(life.lastStateChange().getReason()).isEqualTo("draining");
    assertThat(life.lastStateChange().getCause()).isEqualTo("worker-1");
  }

  @Test
  void aDurationIsNotNegativeAfterTheClockWentBack() {
    JobLife life = JobLife.running().after(Duration.ofSeconds(-5));

    life.complete();

    assertThat(life.status().getDuration()).isEqualTo(JobLife.seconds(0));
  }

  @Test
  void theLastReportIsCommittedWithTheEndExactlyOnce() {
    JobLife life = JobLife.running();
    var last = JobLife.nothing().toBuilder().setReportSeq(1).putOutcomeIncrements("n", 1);
    life.report(last);

    life.run(
        new JobCommand.Complete(
            life.token, last.build(), Map.of(), com.google.protobuf.Struct.getDefaultInstance()));

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(life.status().getOutcomeMap()).containsEntry("n", 1L);
  }
}
