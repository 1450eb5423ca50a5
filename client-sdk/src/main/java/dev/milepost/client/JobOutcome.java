package dev.milepost.client;

import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has come of a job so far; final once its state is. Immutable.
 *
 * @param jobId the job's id
 * @param state the job's state
 * @param counters the named counters, unmodifiable
 * @param result the result of the work, unmodifiable; empty until the job succeeds
 * @param error why the job did not succeed; empty if there is no error
 * @param startTime when the first attempt started; empty before that
 * @param endTime when the job finished; empty before that
 * @param duration time from the first start to the end; empty before the end
 */
public record JobOutcome(
    String jobId,
    JobState state,
    Map<String, Long> counters,
    Map<String, @Nullable Object> result,
    Optional<JobErrorInfo> error,
    Optional<Instant> startTime,
    Optional<Instant> endTime,
    Optional<Duration> duration) {
  /** Reads the generated message. */
  public static JobOutcome of(GetOutcomeResponse message) {
    return new JobOutcome(
        message.getJobId(),
        message.getState(),
        message.getOutcomeMap(),
        Structs.map(message.getResult()),
        Times.present(message.hasError(), message.getError()).map(JobErrorInfo::of),
        Times.present(message.hasStartTime(), message.getStartTime()).map(Times::instant),
        Times.present(message.hasEndTime(), message.getEndTime()).map(Times::instant),
        Times.present(message.hasDuration(), message.getDuration()).map(Times::duration));
  }
}
