package dev.milepost.server.task;

import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskStepDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The job specs that a definition expands to: that of the task, and those of its steps.
 *
 * @param spec of the task
 * @param steps in order, each with the id that its job will have, and what its definition says
 */
public record TaskPlan(JobSpec spec, List<StepRecord> steps) {
  /** Prefix of the types of task jobs. Workers never claim these, since only steps are executed. */
  private static final String TYPE = "task:";

  /** Copies the steps. */
  public TaskPlan {
    steps = List.copyOf(steps);
  }

  /**
   * Plans a task.
   *
   * @param asked values that all steps share, from the StartTask request
   * @param ids generates ids of jobs that cannot exist yet
   */
  public static TaskPlan of(TaskDefinition definition, JobSpec asked, Supplier<String> ids) {
    JobSpec common =
        definition.getScope() == JobScope.JOB_SCOPE_UNSPECIFIED
            ? asked
            : asked.toBuilder().setScope(definition.getScope()).build();
    JobSpec.Builder task = common.toBuilder().setType(type(definition.getName()));
    if (asked.getDisplayName().isEmpty()) {
      task.setDisplayName(definition.getDisplayName());
    }
    List<StepRecord> steps = new ArrayList<>();
    for (TaskStepDefinition step : definition.getStepsList()) {
      JobSpec.Builder spec = step(step);
      if (steps.isEmpty() && asked.hasNotBeforeTime()) {
        spec.setNotBeforeTime(asked.getNotBeforeTime());
      }
      steps.add(
          StepRecord.newBuilder()
              .setName(step.getName())
              .setJobId(ids.get())
              .setSpec(spec)
              .build());
    }
    return new TaskPlan(task.clearNotBeforeTime().build(), steps);
  }

  /** Returns what the definition says of a step; the rest is the task's. */
  private static JobSpec.Builder step(TaskStepDefinition step) {
    JobSpec.Builder spec =
        JobSpec.newBuilder()
            .setType(step.getType())
            .setDisplayName(
                step.getDisplayName().isEmpty() ? step.getName() : step.getDisplayName());
    if (step.hasPriority()) {
      spec.setPriority(step.getPriority());
    }
    if (step.hasMaxRetries()) {
      spec.setMaxRetries(step.getMaxRetries());
    }
    if (step.hasParams()) {
      spec.setParams(step.getParams());
    }
    return spec;
  }

  /** Returns the type of the tasks that are started from a definition. */
  public static String type(String definition) {
    return TYPE + definition;
  }

  /** Returns the name of the definition that a task was started from. */
  public static String definition(JobSpec task) {
    return task.getType().startsWith(TYPE) ? task.getType().substring(TYPE.length()) : "";
  }
}
