package dev.milepost.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.client.JobException;
import dev.milepost.client.JobFailedException;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobStateException;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Handles and exceptions can be made in a test, without a server. */
class JobHandlesTest {
  private static Job job(JobStatus.Builder status) {
    return Job.newBuilder().setId("made-up").setStatus(status).build();
  }

  @Test
  void aHandleAnswersFromItsJob() {
    JobStatus.Builder status =
        JobStatus.newBuilder()
            .setState(JobState.JOB_STATE_SUCCEEDED)
            .setProgress(Progress.newBuilder().setCurrent(7))
            .putOutcome("synced", 7)
            .setResult(Protos.struct(Map.of("folder", "/photos")));
    JobHandle handle = JobHandles.of(job(status));

    assertThat(handle.id()).isEqualTo("made-up");
    assertThat(handle.get()).isEqualTo(job(status));
    assertThat(handle.await(Duration.ofSeconds(1))).isEqualTo(job(status));
    assertThat(handle.completion().join()).isEqualTo(job(status));
    assertThat(handle.outcome().counters()).containsEntry("synced", 7L);
    assertThat(handle.result()).isEqualTo(Map.of("folder", "/photos"));
    assertThatThrownBy(() -> handle.cancel("too late"))
        .isInstanceOf(JobException.class)
        .hasMessageContaining("CancelJob needs a server");
  }

  @Test
  void aFailedJobFailsItsResult() {
    JobHandle handle =
        JobHandles.of(
            job(
                JobStatus.newBuilder()
                    .setState(JobState.JOB_STATE_FAILED)
                    .setError(JobError.newBuilder().setCode("NO_USERS"))));

    assertThatThrownBy(handle::result)
        .isInstanceOfSatisfying(
            JobFailedException.class,
            failure -> assertThat(failure.error().getCode()).isEqualTo("NO_USERS"));
  }

  @Test
  void aWaitThatCouldNotEndIsRefused() {
    JobHandle handle =
        JobHandles.of(job(JobStatus.newBuilder().setState(JobState.JOB_STATE_RUNNING)));

    assertThatThrownBy(handle::await)
        .isInstanceOf(JobStateException.class)
        .hasMessageContaining("JOB_STATE_RUNNING and never changes");
  }

  @Test
  void exceptionsCanBeMade() {
    assertThat(new JobFailedException(job(JobStatus.newBuilder()), null))
        .hasMessageContaining("made-up");
    assertThat(new dev.milepost.client.ServerUnavailableException("gone").code().name())
        .isEqualTo("UNAVAILABLE");
  }
}
