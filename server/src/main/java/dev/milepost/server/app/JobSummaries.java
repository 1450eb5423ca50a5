package dev.milepost.server.app;

import com.google.protobuf.Timestamp;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** Says in one response how far a job is, or what has come of it. */
@Singleton
public final class JobSummaries {
  private final JobAccess access;
  private final JobShares shares;
  private final InstantSource clock;

  @Inject
  JobSummaries(JobAccess access, JobShares shares, InstantSource clock) {
    this.access = access;
    this.shares = shares;
    this.clock = clock;
  }

  /** Returns how far a job is. */
  public CompletionStage<GetProgressResponse> progress(Caller caller, String jobId) {
    return readProgress(caller, jobId).thenApply(record -> progress(record.getJob()));
  }

  /** Reads a job for a caller that may see its progress. */
  public CompletionStage<JobRecord> readProgress(Caller caller, String jobId) {
    return shares.read(caller, jobId);
  }

  /** Returns how far a job is now. */
  public GetProgressResponse progress(Job job) {
    return progress(job, clock.instant());
  }

  /** Returns what has come of a job, so far. */
  public CompletionStage<GetOutcomeResponse> outcome(Caller caller, String jobId) {
    return access.read(caller, jobId).thenApply(record -> outcome(record.getJob()));
  }

  static GetProgressResponse progress(Job job, Instant now) {
    JobStatus status = job.getStatus();
    GetProgressResponse.Builder summary =
        GetProgressResponse.newBuilder()
            .setJobId(job.getId())
            .setDisplayName(job.getSpec().getDisplayName())
            .setType(job.getSpec().getType())
            .setState(status.getState())
            .setHealth(status.getHealth())
            .setProgress(status.getProgress())
            .setStage(status.getStage())
            .setMessage(message(status))
            .setProcessed(processed(status))
            .setCreateTime(job.getCreateTime())
            .setUpdateTime(status.getUpdateTime())
            .putAllOutcome(status.getOutcomeMap());
    total(status).ifPresent(summary::setTotal);
    if (status.hasStartTime()) {
      summary.setStartTime(status.getStartTime());
      summary.setDuration(
          status.hasDuration()
              ? status.getDuration()
              : Times.duration(atLeastZero(between(status.getStartTime(), now))));
    }
    if (status.hasEndTime()) {
      summary.setEndTime(status.getEndTime());
    }
    if (isHeld(status) && status.getProgress().hasEstimatedEndTime()) {
      Instant end = Times.instant(status.getProgress().getEstimatedEndTime());
      summary.setRemaining(Times.duration(atLeastZero(Duration.between(now, end))));
    }
    return summary.build();
  }

  static GetOutcomeResponse outcome(Job job) {
    JobStatus status = job.getStatus();
    GetOutcomeResponse.Builder summary =
        GetOutcomeResponse.newBuilder()
            .setJobId(job.getId())
            .setDisplayName(job.getSpec().getDisplayName())
            .setType(job.getSpec().getType())
            .setState(status.getState())
            .setUpdateTime(status.getUpdateTime())
            .setProcessed(processed(status))
            .setItemCounts(status.getItemCounts())
            .putAllOutcome(status.getOutcomeMap());
    total(status).ifPresent(summary::setTotal);
    if (status.hasResult()) {
      summary.setResult(status.getResult());
    }
    if (status.hasError()) {
      summary.setError(status.getError());
    }
    if (status.hasStartTime()) {
      summary.setStartTime(status.getStartTime());
    }
    if (status.hasEndTime()) {
      summary.setEndTime(status.getEndTime());
    }
    if (status.hasDuration()) {
      summary.setDuration(status.getDuration());
    }
    return summary.build();
  }

  private static long processed(JobStatus status) {
    return JobRecords.items(status.getItemCounts()) > 0
        ? JobRecords.finishedItems(status.getItemCounts())
        : status.getProgress().getCurrent();
  }

  private static OptionalLong total(JobStatus status) {
    long items = JobRecords.items(status.getItemCounts());
    if (items > 0) {
      return OptionalLong.of(items);
    }
    return status.getProgress().hasTotal()
        ? OptionalLong.of(status.getProgress().getTotal())
        : OptionalLong.empty();
  }

  /** The worker's message, or else what the job is doing and how far it is. */
  private static String message(JobStatus status) {
    Progress progress = status.getProgress();
    if (!progress.getMessage().isEmpty()) {
      return progress.getMessage();
    }
    return activity(status) + count(progress);
  }

  private static String activity(JobStatus status) {
    return switch (status.getState()) {
      case JOB_STATE_QUEUED -> "Queued";
      case JOB_STATE_RUNNING ->
          status.getStage().getName().isEmpty() ? "Processing" : status.getStage().getName();
      case JOB_STATE_CANCELLING -> "Cancelling";
      case JOB_STATE_SUCCEEDED -> "Succeeded";
      case JOB_STATE_FAILED -> "Failed";
      case JOB_STATE_CANCELLED -> "Cancelled";
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("not the state of a job: " + status.getState());
    };
  }

  private static String count(Progress progress) {
    if (progress.hasTotal()) {
      return " (" + progress.getCurrent() + " / " + progress.getTotal() + ")";
    }
    if (progress.getCurrent() > 0) {
      return " (" + progress.getCurrent() + ")";
    }
    return progress.hasPercent() ? " (" + progress.getPercent() + "%)" : "";
  }

  private static boolean isHeld(JobStatus status) {
    return status.getState() == JobState.JOB_STATE_RUNNING
        || status.getState() == JobState.JOB_STATE_CANCELLING;
  }

  private static Duration between(Timestamp since, Instant now) {
    return Duration.between(Times.instant(since), now);
  }

  /** The clock of a shared store, which sets the times of a job, may be ahead of this server's. */
  private static Duration atLeastZero(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }
}
