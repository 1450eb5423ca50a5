package dev.milepost.client;

import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job as it was at one moment: the generated message with the types of Java. Immutable; what it
 * returns is unmodifiable.
 */
public final class JobInfo {
  private final Job job;

  private JobInfo(Job job) {
    this.job = job;
  }

  /** Reads the generated message. */
  public static JobInfo of(Job job) {
    return new JobInfo(job);
  }

  /** Returns the generated message. */
  public Job toProto() {
    return job;
  }

  /** Returns the job's id. */
  public String id() {
    return job.getId();
  }

  /** Returns the tenant to which the job belongs. */
  public String tenantId() {
    return job.getTenantId();
  }

  /** Returns the user who owns the job. */
  public String userId() {
    return job.getUserId();
  }

  /** Returns the batch or task of which this job is a part; empty if there is none. */
  public Optional<String> parentId() {
    return Times.present(!job.getParentId().isEmpty(), job.getParentId());
  }

  /** Returns the job's type. */
  public String type() {
    return job.getSpec().getType();
  }

  /** Returns the job's display name, or its type if it has none. */
  public String name() {
    String name = job.getSpec().getDisplayName();
    return name.isEmpty() ? type() : name;
  }

  /** Returns what the job should do, with the defaults that the server has filled in. */
  public JobSpec spec() {
    return JobSpec.fromProto(job.getSpec());
  }

  /** Returns the job's parameters. */
  public JobParams params() {
    return JobParams.of(job.getSpec().getParams());
  }

  /** Returns the job's state. */
  public JobState state() {
    return status().getState();
  }

  /** Returns whether the job has finished: succeeded, failed or cancelled. */
  public boolean isFinished() {
    return JobStates.isFinished(state());
  }

  /** Returns whether the job has succeeded. */
  public boolean isSucceeded() {
    return state() == JobState.JOB_STATE_SUCCEEDED;
  }

  /** Returns the number of the current or last attempt; 0 before the first. */
  public int attempt() {
    return status().getAttempt();
  }

  /** Returns the worker that holds the job, or held it last; empty before the first attempt. */
  public Optional<String> workerId() {
    return Times.present(!status().getWorkerId().isEmpty(), status().getWorkerId());
  }

  /** Returns when the job was created. */
  public Instant createTime() {
    return Times.instant(job.getCreateTime());
  }

  /** Returns when the first attempt started; empty before that. */
  public Optional<Instant> startTime() {
    return Times.present(status().hasStartTime(), status().getStartTime()).map(Times::instant);
  }

  /** Returns when the job finished; empty before that. */
  public Optional<Instant> endTime() {
    return Times.present(status().hasEndTime(), status().getEndTime()).map(Times::instant);
  }

  /** Returns when anything about the job last changed. */
  public Instant updateTime() {
    return Times.instant(status().getUpdateTime());
  }

  /** Returns the time from the first start to the end; empty before the end. */
  public Optional<Duration> duration() {
    return Times.present(status().hasDuration(), status().getDuration()).map(Times::duration);
  }

  /** Returns how far the job was, and what it was doing. */
  public JobProgress progress() {
    JobStatus status = status();
    GetProgressResponse.Builder progress =
        GetProgressResponse.newBuilder()
            .setJobId(id())
            .setType(type())
            .setDisplayName(job.getSpec().getDisplayName())
            .setState(status.getState())
            .setHealth(status.getHealth())
            .setProgress(status.getProgress())
            .setMessage(message())
            .setStage(status.getStage())
            .setCreateTime(job.getCreateTime())
            .setUpdateTime(status.getUpdateTime())
            .putAllOutcome(status.getOutcomeMap());
    Times.present(status.hasStartTime(), status.getStartTime()).ifPresent(progress::setStartTime);
    Times.present(status.hasEndTime(), status.getEndTime()).ifPresent(progress::setEndTime);
    Times.present(status.hasDuration(), status.getDuration()).ifPresent(progress::setDuration);
    return JobProgress.of(progress.build());
  }

  /** What a worker says, or else the stage, or else the state: never empty. */
  private String message() {
    String said = status().getProgress().getMessage();
    if (!said.isEmpty()) {
      return said;
    }
    String stage = status().getStage().getName();
    return stage.isEmpty() ? JobStates.nameOf(state()) : stage;
  }

  /** Returns the named counters of the outcome. */
  public Map<String, Long> outcome() {
    return status().getOutcomeMap();
  }

  /** Returns the result of the work; whole numbers are {@link Long}, others {@link Double}. */
  public Map<String, @Nullable Object> result() {
    return Structs.map(status().getResult());
  }

  /** Returns the checkpoint last saved; empty if there is none. */
  public Optional<Map<String, @Nullable Object>> checkpoint() {
    return Times.present(status().hasCheckpoint(), status().getCheckpoint()).map(Structs::map);
  }

  /** Returns why the job, or its last attempt, failed; empty if there is no error. */
  public Optional<JobErrorInfo> error() {
    return Times.present(status().hasError(), status().getError()).map(JobErrorInfo::of);
  }

  /** Returns why the job was cancelled, which may be an empty text; empty if it was not. */
  public Optional<String> cancelReason() {
    return Times.present(status().hasCancel(), status().getCancel().getReason());
  }

  /** Returns the job's etag, for {@link JobUpdate#ifEtag}. */
  public String etag() {
    return job.getEtag();
  }

  private JobStatus status() {
    return job.getStatus();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JobInfo info && job.equals(info.job);
  }

  @Override
  public int hashCode() {
    return job.hashCode();
  }

  @Override
  public String toString() {
    return "JobInfo[" + id() + ": " + type() + ", " + JobStates.nameOf(state()) + "]";
  }
}
