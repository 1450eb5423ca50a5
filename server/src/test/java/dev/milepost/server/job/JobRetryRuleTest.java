package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import org.junit.jupiter.api.Test;

class JobRetryRuleTest {
  @Test
  void aFailedJobIsQueuedAgainWithItsHistory() {
    JobLife life = JobLife.running(JobLife.spec().setMaxRetries(1));
    life.fail(JobLife.FLAKY);
    life.claimWhenDue();
    life.report(JobLife.progress(1, 2).setCheckpoint(JobLife.struct("page", "2")));
    life.after(1).fail(JobLife.FLAKY);
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    long entries = life.journal.size();

    life.after(600).retry();

    var status = life.status();
    assertThat(status.getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(status.getRetryCount()).as("its retries are restored").isZero();
    assertThat(status.getAttemptsList()).hasSize(2);
    assertThat(status.getAttempt()).isEqualTo(2);
    assertThat(status.getCheckpoint()).isEqualTo(JobLife.struct("page", "2"));
    assertThat(status.getError()).isEqualTo(JobLife.FLAKY);
    assertThat(status.hasEndTime()).isFalse();
    assertThat(status.hasDuration()).isFalse();
    assertThat(status.hasClaimableTime()).isFalse();
    assertThat(status.getQueueTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(life.record.getLifeStartTime()).isEqualTo(Times.timestamp(life.now));
    assertThat(status.getJournalSequence()).isEqualTo(entries + 1);
    assertThat(life.lastStateChange().getCause()).isEqualTo("bob");

    life.claim();
    assertThat(life.status().getAttempt()).isEqualTo(3);
  }

  @Test
  void aRetryClearsTheCancel() {
    JobLife life = JobLife.in(JobState.JOB_STATE_CANCELLED);

    life.retry();
    assertThat(life.status().hasCancel()).isFalse();

    life.claim();
    life.heartbeat();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void totalAndQueueTimeoutsStartAgain() {
    JobLife life =
        JobLife.running(
            JobLife.spec()
                .setTimeouts(
                    JobTimeouts.newBuilder()
                        .setQueue(JobLife.seconds(60))
                        .setTotal(JobLife.seconds(100))));
    life.after(1).fail(JobLife.BROKEN);

    life.after(1000).retry();
    assertThat(life.wakeTime()).isEqualTo(life.now.plusSeconds(60));

    life.after(59).tick();
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    life.after(1).tick();
    assertThat(life.status().getError().getCode()).isEqualTo("QUEUE_TIMEOUT");
  }
}
