package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;

/** Predicates on a job's state. */
final class JobStates {
  private JobStates() {}

  static boolean isFinished(JobState state) {
    return switch (state) {
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> true;
      case JOB_STATE_UNSPECIFIED,
          JOB_STATE_QUEUED,
          JOB_STATE_RUNNING,
          JOB_STATE_CANCELLING,
          UNRECOGNIZED ->
          false;
    };
  }

  /** "RUNNING" of {@code JOB_STATE_RUNNING}. */
  static String nameOf(JobState state) {
    return state.name().replace("JOB_STATE_", "");
  }

  static boolean isFinished(Job job) {
    return isFinished(job.getStatus().getState());
  }

  static boolean isCancelled(Job job) {
    JobState state = job.getStatus().getState();
    return state == JobState.JOB_STATE_CANCELLED || state == JobState.JOB_STATE_CANCELLING;
  }
}
