package dev.milepost.client;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Progress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How far a job is, and what it is doing, at one moment: the generated message with the types of
 * Java. Immutable.
 */
public final class JobProgress {
  private final GetProgressResponse message;

  private JobProgress(GetProgressResponse message) {
    this.message = message;
  }

  /** Reads the generated message. */
  public static JobProgress of(GetProgressResponse message) {
    return new JobProgress(message);
  }

  /** Returns the generated message. */
  public GetProgressResponse toProto() {
    return message;
  }

  /** Returns the job's id. */
  public String jobId() {
    return message.getJobId();
  }

  /** Returns the job's state. */
  public JobState state() {
    return message.getState();
  }

  /** Returns whether the job has finished: succeeded, failed or cancelled. */
  public boolean isFinished() {
    return JobStates.isFinished(state());
  }

  /** Returns whether the job runs, but has reported nothing new for its {@code stallAfter}. */
  public boolean isStalled() {
    return message.getHealth() == JobHealth.JOB_HEALTH_STALLED;
  }

  /** Returns one line for people, never empty, such as "Hashing (50 / 100)". */
  public String message() {
    return message.getMessage();
  }

  /** Returns the stage that the job is in; empty if it has none. */
  public String stage() {
    return message.getStage().getName();
  }

  /** Returns what exactly is being done in the stage; may be empty. */
  public String stageDetail() {
    return message.getStage().getDetail();
  }

  /** Returns how many units are done. */
  public long current() {
    return progress().getCurrent();
  }

  /** Returns how many units there are; empty if that is not known. */
  public OptionalLong total() {
    return progress().hasTotal() ? OptionalLong.of(progress().getTotal()) : OptionalLong.empty();
  }

  /** Returns what is counted, for example "files"; may be empty. */
  public String unit() {
    return progress().getUnit();
  }

  /** Returns the completed fraction, 0.0 to 1.0; empty if it is not known. */
  public OptionalDouble fraction() {
    return progress().hasFraction()
        ? OptionalDouble.of(progress().getFraction())
        : OptionalDouble.empty();
  }

  /** Returns the completed percentage, 0 to 100; empty if it is not known. */
  public OptionalInt percent() {
    return progress().hasPercent() ? OptionalInt.of(progress().getPercent()) : OptionalInt.empty();
  }

  /** Returns how many units have succeeded. */
  public long succeeded() {
    return progress().getSucceeded();
  }

  /** Returns how many units have failed. */
  public long failed() {
    return progress().getFailed();
  }

  /** Returns how many units were skipped. */
  public long skipped() {
    return progress().getSkipped();
  }

  /** Returns how many units are done in a second; empty if it is not known. */
  public OptionalDouble rate() {
    return progress().hasRate() ? OptionalDouble.of(progress().getRate()) : OptionalDouble.empty();
  }

  /** Returns when the job is expected to end; empty if that is not known. */
  public Optional<Instant> estimatedEndTime() {
    return time(progress().hasEstimatedEndTime(), progress().getEstimatedEndTime());
  }

  /** Returns the time left until the expected end; empty if that is not known. */
  public Optional<java.time.Duration> remaining() {
    return duration(message.hasRemaining(), message.getRemaining());
  }

  /** Returns when the first attempt started; empty before that. */
  public Optional<Instant> startTime() {
    return time(message.hasStartTime(), message.getStartTime());
  }

  /** Returns when the job finished; empty before that. */
  public Optional<Instant> endTime() {
    return time(message.hasEndTime(), message.getEndTime());
  }

  /** Returns the time from the first start to the end, or until now; empty before the start. */
  public Optional<java.time.Duration> duration() {
    return duration(message.hasDuration(), message.getDuration());
  }

  /** Returns when anything about the job last changed. */
  public Instant updateTime() {
    return Times.instant(message.getUpdateTime());
  }

  /** Returns the named counters of the outcome as they are now: an unmodifiable map. */
  public Map<String, Long> outcome() {
    return message.getOutcomeMap();
  }

  private Progress progress() {
    return message.getProgress();
  }

  private static Optional<Instant> time(boolean present, Timestamp time) {
    return present ? Optional.of(Times.instant(time)) : Optional.empty();
  }

  private static Optional<java.time.Duration> duration(boolean present, Duration duration) {
    return present ? Optional.of(Times.duration(duration)) : Optional.empty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JobProgress progress && message.equals(progress.message);
  }

  @Override
  public int hashCode() {
    return message.hashCode();
  }

  @Override
  public String toString() {
    return "JobProgress[" + jobId() + ": " + message() + "]";
  }
}
