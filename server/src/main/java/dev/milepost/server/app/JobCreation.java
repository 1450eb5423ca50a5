package dev.milepost.server.app;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.SpecValidation;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.Item;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Creates jobs, once for each request_id, and starts a job at once if its creator is the worker.
 */
@Singleton
public final class JobCreation {
  private final JobStore store;
  private final JobRules rules;
  private final JobAccess access;
  private final AttemptTokens tokens;
  private final JobQuota quota;

  @Inject
  public JobCreation(
      JobStore store, JobRules rules, JobAccess access, AttemptTokens tokens, JobQuota quota) {
    this.store = store;
    this.rules = rules;
    this.access = access;
    this.tokens = tokens;
    this.quota = quota;
  }

  public CompletionStage<CreateJobResponse> create(Caller caller, CreateJobRequest request) {
    validate(new FieldChecks(), request);
    String owner = access.policy().ownerFor(caller, request.getUserId());
    boolean namesItself = !request.getJobId().isEmpty();
    String id = namesItself ? request.getJobId() : UuidCreator.getTimeOrderedEpoch().toString();
    JobKey key = new JobKey(caller.tenantId(), id);
    NewJob job = new NewJob(key, owner, caller.userId(), "", "", request.getSpec());
    IdempotentRequest once =
        IdempotentRequest.of(caller, "CreateJob", request.getRequestId(), request);
    String token = request.hasStart() ? tokens.next() : "";
    Selection selection =
        namesItself ? Selection.of(key, once.key()) : Selection.ofNew(key, once.key());
    return quota.withRoom(
        NewJobs.of(caller, owner, QuotaAmount.of(request)),
        room ->
            store.update(
                selection,
                found -> {
                  Optional<JobRecord> first = once.firstJob(found, access);
                  if (first.isPresent()) {
                    return Decision.nothing(repeated(request, first.get(), found));
                  }
                  if (found.job(key).isPresent() || found.unreadable(key).isPresent()) {
                    throw new Refusal.JobAlreadyExists(id);
                  }
                  room.require();
                  JobDecision.Put created =
                      request.hasStart()
                          ? rules.createAndStart(
                              job,
                              request.getItemsList(),
                              new JobCommand.Claim(request.getStart().getWorkerId(), token),
                              found.clock())
                          : rules.create(job, request.getItemsList(), found.clock());
                  return new Decision<>(
                      List.of(created),
                      once.record(found, List.of(id), token.isEmpty() ? List.of() : List.of(token)),
                      response(created.record(), true, request.hasStart()));
                }));
  }

  private CreateJobResponse response(JobRecord record, boolean created, boolean withGrant) {
    CreateJobResponse.Builder response =
        CreateJobResponse.newBuilder().setJob(record.getJob()).setCreated(created);
    if (withGrant) {
      response.setGrant(AttemptGrants.of(record, rules));
    }
    return response.build();
  }

  private CreateJobResponse repeated(CreateJobRequest request, JobRecord job, Found found) {
    boolean isStillHeld =
        request.hasStart()
            && found.request().orElseThrow().getAttemptTokensList().contains(job.getAttemptToken());
    return response(job, false, isStillHeld);
  }

  /** Checks a request to create a job, with the checks before it. */
  static void validate(FieldChecks violations, CreateJobRequest request) {
    if (!request.getJobId().isEmpty()) {
      JobValidation.jobId(violations, "job_id", request.getJobId());
    }
    JobValidation.requestId(violations, request.getRequestId());
    SpecValidation.spec(violations, request.getSpec());
    if (request.hasStart()) {
      JobValidation.workerId(violations, "start.worker_id", request.getStart().getWorkerId());
    }
    JobValidation.userId(violations, "user_id", request.getUserId());
    items(violations, request.getItemsList());
    violations.orThrow();
  }

  /** Checks the items of a new job. */
  public static void items(FieldChecks violations, List<Item> items) {
    violations.check(
        items.size() <= JobValidation.MAX_ITEMS,
        "items",
        "must be at most %d; CreateJobs accepts more and splits them into a batch"
            .formatted(JobValidation.MAX_ITEMS));
    if (items.size() <= JobValidation.MAX_ITEMS) {
      JobValidation.items(violations, "items", items);
    }
    Set<String> ids = new HashSet<>();
    violations.check(
        items.stream().allMatch(item -> ids.add(item.getId())), "items", "must have unique ids");
  }
}
