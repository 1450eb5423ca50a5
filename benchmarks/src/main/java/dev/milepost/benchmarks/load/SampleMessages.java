package dev.milepost.benchmarks.load;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.LogCounts;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.StartJob;

/** Realistic messages: the floor echoes messages of the same size as those of Milepost. */
public final class SampleMessages {
  private static final String ID = "019a0000-0000-7000-8000-000000000000";
  private static final String TOKEN = "0123456789abcdefghijklmn";
  private static final Timestamp TIME =
      Timestamp.newBuilder().setSeconds(1_790_000_000).setNanos(123_456_000).build();

  private SampleMessages() {}

  /** The spec of the jobs. */
  static JobSpec spec() {
    return JobSpec.newBuilder()
        .setType("user-sync")
        .setDisplayName("Sync the users of a project")
        .setProjectId("project-17")
        .putLabels("region", "eu")
        .build();
  }

  /** A job that its creator runs, with a lease that outlasts the phases of other variants. */
  public static CreateJobRequest createAndStart() {
    return CreateJobRequest.newBuilder()
        .setSpec(
            spec().toBuilder()
                .setTimeouts(
                    JobTimeouts.newBuilder().setLease(Duration.newBuilder().setSeconds(3_600))))
        .setStart(StartJob.newBuilder().setWorkerId("bench"))
        .build();
  }

  /** A request that creates a waiting job. */
  public static CreateJobRequest create() {
    return CreateJobRequest.newBuilder().setSpec(spec()).build();
  }

  /** Milepost's response to {@link #create}. */
  public static CreateJobResponse created() {
    return CreateJobResponse.newBuilder()
        .setCreated(true)
        .setJob(
            Job.newBuilder()
                .setId(ID)
                .setTenantId("default")
                .setUserId("user-0")
                .setCreateTime(TIME)
                .setEtag("1")
                .setSpec(
                    spec().toBuilder()
                        .setScope(JobScope.JOB_SCOPE_PROJECT)
                        .setPriority(50)
                        .setTrigger(JobTrigger.JOB_TRIGGER_API)
                        .setMaxRetries(3))
                .setStatus(
                    JobStatus.newBuilder()
                        .setState(JobState.JOB_STATE_QUEUED)
                        .setQueueTime(TIME)
                        .setUpdateTime(TIME)
                        .setJournalSequence(1)
                        .setLogCounts(LogCounts.newBuilder().setStateChanges(1))))
        .build();
  }

  /** A progress report. */
  public static Report progress(long seq) {
    return Report.newBuilder()
        .setReportSeq(seq)
        .setProgress(
            Progress.newBuilder()
                .setCurrent(seq)
                .setTotal(1_000_000)
                .setUnit("users")
                .setMessage("user " + seq))
        .build();
  }

  /** A stream message with a progress report. */
  public static ReportStreamRequest report(String jobId, String token, long seq) {
    return ReportStreamRequest.newBuilder()
        .setJobId(jobId)
        .setAttemptToken(token)
        .setReport(progress(seq))
        .build();
  }

  /** A stream message with a progress report for the echo server. */
  public static ReportStreamRequest report(long seq) {
    return report(ID, TOKEN, seq);
  }

  /** Milepost's response to {@link #report}. */
  public static ReportStreamResponse reported() {
    return ReportStreamResponse.newBuilder()
        .setJobId(ID)
        .setReportSeq(123_456)
        .setAck(
            ReportAck.newBuilder()
                .setCommittedSeq(123_456)
                .setDirective(Directive.DIRECTIVE_CONTINUE)
                .setLeaseExpireTime(TIME)
                .setMinReportInterval(Duration.newBuilder().setSeconds(1)))
        .build();
  }
}
