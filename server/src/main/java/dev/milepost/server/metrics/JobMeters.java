package dev.milepost.server.metrics;

import com.google.protobuf.Timestamp;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Attempt;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Meters of what becomes of jobs, from the changes that this server commits. */
final class JobMeters {
  private static final String PREFIX = "JOB_STATE_";

  /** Only read after construction. Batches and tasks count apart from the jobs that do the work. */
  private final Map<JobState, Counter> jobs;

  private final Map<JobState, Counter> parents;
  private final Timer queueWait;
  private final Timer run;

  JobMeters(MeterRegistry registry) {
    jobs = ended("job", registry);
    parents = ended("parent", registry);
    queueWait =
        timer("milepost.job.queue.wait", "From when a job could be claimed until it was", registry);
    run = timer("milepost.job.run", "From the first start of a job until it ended", registry);
  }

  private static Map<JobState, Counter> ended(String kind, MeterRegistry registry) {
    Map<JobState, Counter> ended = new EnumMap<>(JobState.class);
    for (JobState state : JobState.values()) {
      if (isEnd(state)) {
        ended.put(
            state,
            Counter.builder("milepost.jobs.ended")
                .description("Jobs that have ended, by outcome")
                .tag("kind", kind)
                .tag("outcome", state.name().substring(PREFIX.length()).toLowerCase(Locale.ROOT))
                .register(registry));
      }
    }
    return ended;
  }

  private static Timer timer(String name, String description, MeterRegistry registry) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(Buckets.WORK)
        .register(registry);
  }

  /** Counts changes. Called on a thread of the store. */
  void changed(List<Change> changes) {
    for (Change change : changes) {
      JobRecord after = change.after();
      if (after != null) {
        changed(change.before(), after);
      }
    }
  }

  private void changed(@Nullable JobRecord before, JobRecord after) {
    JobStatus status = after.getJob().getStatus();
    if (!after.hasParentRecord() && status.getAttempt() > attempt(before)) {
      started(before, after);
    }
    boolean hadEnded = before != null && isEnd(before.getJob().getStatus().getState());
    Counter ended = (after.hasParentRecord() ? parents : jobs).get(status.getState());
    if (ended != null && !hadEnded) {
      ended.increment();
      if (!after.hasParentRecord() && status.hasStartTime()) {
        run.record(between(status.getStartTime(), status.getEndTime()));
      }
    }
  }

  private static int attempt(@Nullable JobRecord job) {
    return job == null ? 0 : job.getJob().getStatus().getAttempt();
  }

  /** A retry could be claimed when its backoff had ended, which was the last change before. */
  private void started(@Nullable JobRecord before, JobRecord after) {
    JobStatus status = after.getJob().getStatus();
    if (status.getAttemptsCount() == 0 || !status.hasQueueTime()) {
      return;
    }
    Attempt attempt = status.getAttempts(status.getAttemptsCount() - 1);
    Timestamp since = later(status.getQueueTime(), after.getJob().getSpec().getNotBeforeTime());
    if (before != null && attempt.getNumber() > 1) {
      since = later(since, before.getJob().getStatus().getUpdateTime());
    }
    queueWait.record(between(since, attempt.getStartTime()));
  }

  private static Timestamp later(Timestamp one, Timestamp other) {
    return between(one, other).isZero() ? one : other;
  }

  /** Returns the time between two times; zero if the second is earlier: the clock was set. */
  private static Duration between(Timestamp from, Timestamp to) {
    Duration time =
        Duration.ofSeconds(
            to.getSeconds() - from.getSeconds(), (long) to.getNanos() - from.getNanos());
    return time.isNegative() ? Duration.ZERO : time;
  }

  private static boolean isEnd(JobState state) {
    return switch (state) {
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> true;
      case JOB_STATE_QUEUED,
          JOB_STATE_RUNNING,
          JOB_STATE_CANCELLING,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }
}
