package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.task.TaskPlan;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.ListTasksResponse;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskStep;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Shows tasks with their steps, from the task's own record alone. */
@Singleton
public final class TaskViews {
  private final JobAccess access;
  private final JobQueries queries;
  private final Pages pages;

  @Inject
  public TaskViews(JobAccess access, JobQueries queries, Pages pages) {
    this.access = access;
    this.queries = queries;
    this.pages = pages;
  }

  /** Returns a task with its steps. */
  public static Task of(JobRecord task) {
    return of(task.getParentRecord().getStepsList(), task.getJob());
  }

  /**
   * Returns a task with its steps.
   *
   * @param steps as stored with the task
   * @param job the task's job
   */
  public static Task of(List<StepRecord> steps, Job job) {
    Task.Builder task =
        Task.newBuilder().setJob(job).setDefinition(TaskPlan.definition(job.getSpec()));
    long begun = JobRecords.children(job.getStatus().getChildCounts());
    for (int i = 0; i < steps.size(); i++) {
      SubOperation part = job.getStatus().getProgress().getSubOperations(i);
      task.addSteps(
          TaskStep.newBuilder()
              .setName(part.getId())
              .setDisplayName(part.getDisplayName())
              .setJobId(i < begun ? steps.get(i).getJobId() : "")
              .setState(part.getState())
              .setFraction(part.getFraction()));
    }
    return task.build();
  }

  /** Reads a task; fails with {@link Refusal.JobNotFound} if the job is not a task. */
  public CompletionStage<JobRecord> read(Caller caller, String jobId) {
    return access
        .read(caller, jobId)
        .thenApply(
            record -> {
              if (record.getJob().getKind() != JobKind.JOB_KIND_TASK) {
                throw new Refusal.JobNotFound(jobId);
              }
              return record;
            });
  }

  public CompletionStage<ListTasksResponse> list(Caller caller, ListTasksRequest request) {
    JobFilter.Builder filter =
        JobFilter.newBuilder()
            .setUserId(request.getUserId())
            .addAllStates(request.getStatesList())
            .setKind(JobKind.JOB_KIND_TASK);
    if (!request.getDefinition().isEmpty()) {
      filter.addTypes(TaskPlan.type(request.getDefinition()));
    }
    FieldChecks violations = new FieldChecks();
    filter.getTypesList().forEach(type -> JobValidation.type(violations, "definition", type));
    JobFilters.states(violations, "states", request.getStatesList());
    JobValidation.owner(violations, "user_id", request.getUserId());
    Pages.validate(violations, request.getPageSize());
    violations.orThrow();
    JobFilter narrowed = access.policy().narrow(caller, filter.build());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    return queries
        .records(
            caller,
            (limit, shape) -> queries.newestFirst(narrowed, after, limit, shape),
            JobQueries.pageSize(request.getPageSize()),
            JobShape.WHOLE,
            TaskViews::of)
        .thenApply(
            page ->
                ListTasksResponse.newBuilder()
                    .addAllTasks(page.shown())
                    .setNextPageToken(pages.token(caller, request, page.next()))
                    .build());
  }
}
