package dev.milepost.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.Times;
import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.ItemCounts;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Stage;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobSummariesTest {
  private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

  @Test
  void everythingThatADisplayShowsIsInOneResponse() {
    Job job =
        job(
            running()
                .setStage(Stage.newBuilder().setName("Hashing"))
                .setProgress(
                    Progress.newBuilder()
                        .setCurrent(50)
                        .setTotal(100)
                        .setPercent(50)
                        .setEstimatedEndTime(Times.timestamp(START.plusSeconds(90))))
                .putOutcome("files", 50));

    GetProgressResponse progress = JobSummaries.progress(job, START.plusSeconds(60));

    assertThat(progress.getJobId()).isEqualTo("job-1");
    assertThat(progress.getDisplayName()).isEqualTo("Photos");
    assertThat(progress.getType()).isEqualTo("hash");
    assertThat(progress.getMessage()).isEqualTo("Hashing (50 / 100)");
    assertThat(progress.getProcessed()).isEqualTo(50);
    assertThat(progress.getTotal()).isEqualTo(100);
    assertThat(progress.getDuration()).isEqualTo(Times.duration(Duration.ofSeconds(60)));
    assertThat(progress.getRemaining()).isEqualTo(Times.duration(Duration.ofSeconds(30)));
    assertThat(progress.getStartTime()).isEqualTo(Times.timestamp(START));
    assertThat(progress.getCreateTime()).isEqualTo(Times.timestamp(START.minusSeconds(5)));
    assertThat(progress.hasEndTime()).isFalse();
    assertThat(progress.getOutcomeMap()).containsEntry("files", 50L);
  }

  @Test
  void whatIsNotKnownIsUnset() {
    Job job = job(JobStatus.newBuilder().setState(JobState.JOB_STATE_QUEUED));

    GetProgressResponse progress = JobSummaries.progress(job, START);
    GetOutcomeResponse outcome = JobSummaries.outcome(job);

    assertThat(progress.hasTotal()).isFalse();
    assertThat(progress.hasStartTime()).isFalse();
    assertThat(progress.hasDuration()).isFalse();
    assertThat(progress.hasRemaining()).isFalse();
    assertThat(progress.getMessage()).isEqualTo("Queued");
    assertThat(outcome.hasTotal()).isFalse();
    assertThat(outcome.hasDuration()).isFalse();
    assertThat(outcome.hasError()).isFalse();
    assertThat(outcome.hasResult()).isFalse();
  }

  @Test
  void itemsCountBeforeUnits() {
    Job job =
        job(
            running()
                .setProgress(Progress.newBuilder().setCurrent(1).setTotal(10))
                .setItemCounts(
                    ItemCounts.newBuilder().setDone(2).setFailed(1).setSkipped(1).setPending(3)));

    assertThat(JobSummaries.progress(job, START).getProcessed()).isEqualTo(4);
    assertThat(JobSummaries.progress(job, START).getTotal()).isEqualTo(7);
    assertThat(JobSummaries.outcome(job).getProcessed()).isEqualTo(4);
    assertThat(JobSummaries.outcome(job).getTotal()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "JOB_STATE_RUNNING, '', '', 'Processing (50 / 100)'",
    "JOB_STATE_RUNNING, Hashing, '', 'Hashing (50 / 100)'",
    "JOB_STATE_RUNNING, Hashing, 'Almost there', 'Almost there'",
    "JOB_STATE_CANCELLING, Hashing, '', 'Cancelling (50 / 100)'",
    "JOB_STATE_SUCCEEDED, Hashing, '', 'Succeeded (50 / 100)'",
    "JOB_STATE_FAILED, Hashing, '', 'Failed (50 / 100)'",
    "JOB_STATE_CANCELLED, Hashing, '', 'Cancelled (50 / 100)'",
    "JOB_STATE_QUEUED, '', '', 'Queued (50 / 100)'"
  })
  void theMessageIsTheWorkersOrSaysWhatTheJobDoes(
      JobState state, String stage, String reported, String message) {
    Job job =
        job(
            JobStatus.newBuilder()
                .setState(state)
                .setStage(Stage.newBuilder().setName(stage))
                .setProgress(
                    Progress.newBuilder().setCurrent(50).setTotal(100).setMessage(reported)));

    assertThat(JobSummaries.progress(job, START).getMessage()).isEqualTo(message);
  }

  @Test
  void theMessageOfWorkWithoutATotalSaysWhatIsKnown() {
    assertThat(message(Progress.newBuilder().setCurrent(7))).isEqualTo("Processing (7)");
    assertThat(message(Progress.newBuilder().setFraction(0.25).setPercent(25)))
        .isEqualTo("Processing (25%)");
    assertThat(message(Progress.newBuilder())).isEqualTo("Processing");
  }

  @Test
  void aClockThatIsBehindTheStoresGivesNoNegativeTimes() {
    Job job =
        job(
            running()
                .setProgress(
                    Progress.newBuilder()
                        .setEstimatedEndTime(Times.timestamp(START.plusSeconds(1)))));

    assertThat(JobSummaries.progress(job, START.minusSeconds(3)).getDuration())
        .isEqualTo(Times.duration(Duration.ZERO));
    assertThat(JobSummaries.progress(job, START.plusSeconds(3)).getRemaining())
        .isEqualTo(Times.duration(Duration.ZERO));
  }

  private static String message(Progress.Builder progress) {
    return JobSummaries.progress(job(running().setProgress(progress)), START).getMessage();
  }

  private static JobStatus.Builder running() {
    return JobStatus.newBuilder()
        .setState(JobState.JOB_STATE_RUNNING)
        .setStartTime(Times.timestamp(START));
  }

  private static Job job(JobStatus.Builder status) {
    return Job.newBuilder()
        .setId("job-1")
        .setSpec(JobSpec.newBuilder().setDisplayName("Photos").setType("hash"))
        .setCreateTime(Times.timestamp(START.minusSeconds(5)))
        .setStatus(status)
        .build();
  }
}
