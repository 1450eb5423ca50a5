package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.v1.Attempt;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Report;
import dev.milepost.v1.Stage;
import dev.milepost.v1.StateChange;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobClaimRuleTest {
  @Test
  void startsAnAttempt() {
    JobLife life = JobLife.queued().after(5);

    life.claim();

    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(life.status().getHealth()).isEqualTo(JobHealth.JOB_HEALTH_OK);
    assertThat(life.status().getAttempt()).isEqualTo(1);
    assertThat(life.status().getWorkerId()).isEqualTo("worker-1");
    assertThat(life.status().getStartTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(life.status().getHeartbeatTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(life.status().getLeaseExpireTime())
        .isEqualTo(Times.timestamp(life.now.plusSeconds(30)));
    assertThat(life.status().getAttemptsList())
        .containsExactly(
            Attempt.newBuilder()
                .setNumber(1)
                .setWorkerId("worker-1")
                .setStartTime(Times.timestamp(life.now))
                .setOutcome(AttemptOutcome.ATTEMPT_OUTCOME_RUNNING)
                .build());
    assertThat(life.record.getAttemptToken()).isEqualTo("token-1");
    assertThat(life.lastStateChange())
        .isEqualTo(
            StateChange.newBuilder()
                .setFromState(JobState.JOB_STATE_QUEUED)
                .setToState(JobState.JOB_STATE_RUNNING)
                .setCause("worker-1")
                .build());
  }

  @Test
  void callersNeverSeeTheToken() {
    JobLife life = JobLife.running();

    assertThat(life.job().toString()).doesNotContain(life.token);
    assertThat(life.journal.toString()).doesNotContain(life.token);
  }

  @Test
  void usesTheLeaseOfTheJob() {
    JobLife life =
        JobLife.queued(
            JobLife.spec()
                .setTimeouts(
                    dev.milepost.v1.JobTimeouts.newBuilder().setLease(JobLife.seconds(90))));

    life.claim();

    assertThat(life.status().getLeaseExpireTime())
        .isEqualTo(Times.timestamp(life.now.plusSeconds(90)));
  }

  @Test
  void mustWaitForTheBackoffButNotForItsTick() {
    JobLife life = JobLife.running();
    life.fail(JobLife.FLAKY);

    assertThatExceptionOfType(Refusal.InvalidStateTransition.class).isThrownBy(life::claim);

    life.claimWhenDue();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(life.status().hasClaimableTime()).isFalse();
  }

  @Test
  void mustWaitForNotBeforeTime() {
    JobLife life =
        JobLife.queued(
            JobLife.spec().setNotBeforeTime(Times.timestamp(JobLife.START.plusSeconds(60))));
    assertThat(life.status().getClaimableTime())
        .isEqualTo(Times.timestamp(JobLife.START.plusSeconds(60)));

    life.after(59);
    assertThatExceptionOfType(Refusal.InvalidStateTransition.class).isThrownBy(life::claim);

    life.after(1).claim();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void withoutACheckpointTheNextAttemptStartsFromScratch() {
    JobLife life = JobLife.running();
    life.report(said());
    life.release("");

    life.claim();

    assertThat(life.status().hasProgress()).isFalse();
    assertThat(life.status().hasStage()).isFalse();
    assertThat(life.status().getOutcomeMap()).isEmpty();
  }

  @Test
  void withACheckpointTheNextAttemptContinues() {
    JobLife life = JobLife.running();
    life.report(said());
    life.after(2).report(said().setCheckpoint(JobLife.struct("page", "7")));
    life.after(2).report(said().setProgress(JobLife.progress(8, 10).getProgressBuilder().build()));
    life.release("");

    life.after(Duration.ofHours(1)).claim();

    assertThat(life.status().getCheckpoint()).isEqualTo(JobLife.struct("page", "7"));
    assertThat(life.status().getProgress().getCurrent()).isEqualTo(8);
    assertThat(life.status().getStage().getName()).isEqualTo("Hashing");
    assertThat(life.status().getOutcomeMap()).containsEntry("hashed", 15L);
    assertThat(life.status().getProgress().hasRate()).isFalse();
    assertThat(life.status().getProgress().hasEstimatedEndTime()).isFalse();
    assertThat(life.status().getProgress().hasLastProgressTime()).isFalse();
  }

  @Test
  void theFirstReportOfANewAttemptHasNoRate() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(5, 10).setCheckpoint(JobLife.struct("page", "7")));
    life.release("");
    life.after(1).claim();

    life.after(1).report(JobLife.progress(6, 10));

    assertThat(life.status().getProgress().hasRate()).isFalse();
  }

  private static Report.Builder said() {
    return JobLife.progress(5, 10)
        .setStage(Stage.newBuilder().setName("Hashing"))
        .putOutcomeIncrements("hashed", 5);
  }

  @Test
  void keepsTheFirstStartAndTheLastTenAttempts() {
    JobLife life = JobLife.running();
    for (int i = 0; i < 11; i++) {
      life.after(1).release("try elsewhere");
      life.claim();
    }

    assertThat(life.status().getStartTime()).isEqualTo(Times.timestamp(JobLife.START));
    assertThat(life.status().getAttempt()).isEqualTo(12);
    assertThat(life.status().getAttemptsList())
        .extracting(Attempt::getNumber)
        .isEqualTo(List.of(3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  }

  @Test
  void eachAttemptNumbersItsReportsFromOne() {
    JobLife life = JobLife.running();
    life.report(JobLife.progress(1, 2).setReportSeq(1));
    life.release("");
    life.claim();

    assertThat(life.record.getReportSeq()).isZero();
    life.report(JobLife.progress(1, 2).setReportSeq(1));
    assertThat(life.record.getReportSeq()).isEqualTo(1);
  }
}
