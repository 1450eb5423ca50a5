package dev.milepost.server.app;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.SpecValidation;
import dev.milepost.server.job.TaskSteps;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.task.TaskDefinitions;
import dev.milepost.server.task.TaskPlan;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.StartTaskResponse;
import dev.milepost.v1.TaskDefinition;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Starts tasks, once for each request_id. */
@Singleton
public final class TaskStarts {
  private final Supplier<TaskDefinitions> definitions;
  private final JobStore store;
  private final JobRules rules;
  private final JobAccess access;
  private final JobQuota quota;

  @Inject
  public TaskStarts(
      Supplier<TaskDefinitions> definitions,
      JobStore store,
      JobRules rules,
      JobAccess access,
      JobQuota quota) {
    this.definitions = definitions;
    this.store = store;
    this.rules = rules;
    this.access = access;
    this.quota = quota;
  }

  public CompletionStage<StartTaskResponse> start(Caller caller, StartTaskRequest request) {
    TaskDefinition definition = definition(request.getDefinition());
    TaskPlan plan =
        TaskPlan.of(
            definition, request.getSpec(), () -> UuidCreator.getTimeOrderedEpoch().toString());
    validate(request, definition, plan);
    String owner = access.policy().ownerFor(caller, request.getUserId());
    String id =
        request.getJobId().isEmpty()
            ? UuidCreator.getTimeOrderedEpoch().toString()
            : request.getJobId();
    JobKey key = new JobKey(caller.tenantId(), id);
    IdempotentRequest once =
        IdempotentRequest.of(caller, "StartTask", request.getRequestId(), request);
    NewJob task = new NewJob(key, owner, caller.userId(), "", "", plan.spec());
    List<JobKey> keys = List.of(key, new JobKey(caller.tenantId(), plan.steps().get(0).getJobId()));
    return quota.withRoom(
        NewJobs.of(caller, owner, amount(request, plan)),
        room ->
            store.update(
                new Selection.Named(keys, Set.of(), once.key(), false),
                found -> {
                  Optional<JobRecord> first = once.firstJob(found, access);
                  if (first.isPresent()) {
                    return Decision.nothing(response(first.get(), false));
                  }
                  if (found.job(key).isPresent()) {
                    throw new Refusal.JobAlreadyExists(id);
                  }
                  room.require();
                  List<JobDecision> made =
                      rules.startTask(task, plan.steps(), request.getItemsList(), found.clock());
                  return new Decision<>(
                      made,
                      once.record(found, id),
                      response(((JobDecision.Put) made.get(0)).record(), true));
                }));
  }

  /**
   * Returns what all jobs of a task take. Those of later steps are created when the steps before
   * them have succeeded, and are not refused then: there must be room for all of them now.
   */
  private static QuotaAmount amount(StartTaskRequest request, TaskPlan plan) {
    QuotaAmount amount = QuotaAmount.of(request);
    for (StepRecord step : plan.steps()) {
      amount = amount.plus(QuotaAmount.of(TaskSteps.spec(plan.spec(), step)));
    }
    return amount;
  }

  private TaskDefinition definition(String name) {
    return definitions
        .get()
        .get(name)
        .orElseThrow(
            () ->
                new Refusal.InvalidArgument(
                    "definition", "must name a task definition of this server"));
  }

  private static void validate(StartTaskRequest request, TaskDefinition definition, TaskPlan plan) {
    FieldChecks violations = new FieldChecks();
    JobSpec asked = request.getSpec();
    violations.check(
        asked.getType().isEmpty(), "spec.type", "must be empty: the definition sets it");
    violations.check(
        asked.getScope() == JobScope.JOB_SCOPE_UNSPECIFIED
            || definition.getScope() == JobScope.JOB_SCOPE_UNSPECIFIED,
        "spec.scope",
        "must be unset: the definition sets it");
    if (!request.getJobId().isEmpty()) {
      JobValidation.jobId(violations, "job_id", request.getJobId());
    }
    JobValidation.requestId(violations, request.getRequestId());
    SpecValidation.times(violations, asked);
    JobValidation.userId(violations, "user_id", request.getUserId());
    JobCreation.items(violations, request.getItemsList());
    SpecValidation.spec(violations, plan.spec());
    violations.orThrow();
    // The definition's params make them longer.
    for (StepRecord step : plan.steps()) {
      SpecValidation.spec(violations, TaskSteps.spec(plan.spec(), step));
      violations.orThrow();
    }
  }

  private static StartTaskResponse response(JobRecord task, boolean created) {
    return StartTaskResponse.newBuilder().setTask(TaskViews.of(task)).setCreated(created).build();
  }
}
