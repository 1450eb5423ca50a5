package dev.milepost.server.job;

import com.google.protobuf.Struct;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobTrigger;

/**
 * The specs of the jobs of a task's steps. A task stores of each step only what its definition
 * says, and shares the rest with its own spec: so a task of a hundred steps is no larger than other
 * jobs.
 */
public final class TaskSteps {
  private TaskSteps() {}

  /**
   * Returns the spec of a step's job.
   *
   * @param task spec of the task
   * @param step type, name, params, priority, retries and start time, if the definition sets them.
   *     A step that an earlier version of the server stored has all fields.
   */
  public static JobSpec spec(JobSpec task, StepRecord step) {
    JobSpec own = step.getSpec();
    JobSpec.Builder spec =
        task.toBuilder()
            .setType(own.getType())
            .setDisplayName(own.getDisplayName())
            .setTrigger(JobTrigger.JOB_TRIGGER_TASK)
            .clearMetadata()
            .clearExpireTime()
            .clearWebhook()
            .clearNotBeforeTime();
    if (own.hasPriority()) {
      spec.setPriority(own.getPriority());
    }
    if (own.hasMaxRetries()) {
      spec.setMaxRetries(own.getMaxRetries());
    }
    if (own.hasNotBeforeTime()) {
      spec.setNotBeforeTime(own.getNotBeforeTime());
    }
    if (own.hasParams()) {
      Struct.Builder params = own.getParams().toBuilder();
      spec.setParams(params.putAllFields(task.getParams().getFieldsMap()));
    }
    return spec.build();
  }
}
