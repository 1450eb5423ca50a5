package dev.milepost.cli.jobs;

import dev.milepost.cli.ExitCodes;
import dev.milepost.cli.UsageException;
import dev.milepost.cli.output.Color;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobState;
import java.util.List;
import java.util.Locale;

/** The states of jobs as words, colors and exit codes. */
final class States {
  private static final String PREFIX = "JOB_STATE_";

  /** All states that a job can have. */
  static final List<JobState> ALL =
      List.of(
          JobState.JOB_STATE_QUEUED,
          JobState.JOB_STATE_RUNNING,
          JobState.JOB_STATE_CANCELLING,
          JobState.JOB_STATE_SUCCEEDED,
          JobState.JOB_STATE_FAILED,
          JobState.JOB_STATE_CANCELLED);

  private States() {}

  /** The state that a user names, in any case. */
  static JobState parse(String name) {
    try {
      JobState state = JobState.valueOf(PREFIX + name.toUpperCase(Locale.ROOT));
      if (state != JobState.JOB_STATE_UNSPECIFIED) {
        return state;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new UsageException(
        "There is no state "
            + name
            + ". States: queued, running, cancelling, succeeded, failed, cancelled.");
  }

  /** The word for a state, such as RUNNING. */
  static String word(JobState state) {
    return state == JobState.UNRECOGNIZED ? "?" : state.name().substring(PREFIX.length());
  }

  /** The word for a job's state; a running job without a word from its worker is STALLED. */
  static String word(Job job) {
    return isStalled(job) ? "STALLED" : word(job.getStatus().getState());
  }

  static Color color(Job job) {
    return isStalled(job) ? Color.YELLOW : color(job.getStatus().getState());
  }

  static Color color(JobState state) {
    return switch (state) {
      case JOB_STATE_RUNNING -> Color.BLUE;
      case JOB_STATE_CANCELLING -> Color.YELLOW;
      case JOB_STATE_SUCCEEDED -> Color.GREEN;
      case JOB_STATE_FAILED -> Color.RED;
      case JOB_STATE_QUEUED, JOB_STATE_CANCELLED -> Color.DIM;
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED -> Color.NONE;
    };
  }

  static boolean isFinished(JobState state) {
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

  /** The exit code of a command that waited for a job. */
  static int exitCode(JobState state) {
    return switch (state) {
      case JOB_STATE_FAILED -> ExitCodes.JOB_FAILED;
      case JOB_STATE_CANCELLED -> ExitCodes.JOB_CANCELLED;
      case JOB_STATE_SUCCEEDED,
          JOB_STATE_QUEUED,
          JOB_STATE_RUNNING,
          JOB_STATE_CANCELLING,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          ExitCodes.OK;
    };
  }

  private static boolean isStalled(Job job) {
    return job.getStatus().getHealth() == JobHealth.JOB_HEALTH_STALLED;
  }
}
