package dev.milepost.server.app;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryFailedItemsResponse;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Creates jobs that retry the failed items of finished jobs, once for each request_id. */
@Singleton
public final class ItemRetries {
  /** How often a job is read again if it changes between reading its items and the decision. */
  private static final int MAX_TRIES = 3;

  private final JobStore store;
  private final JobRules rules;
  private final JobAccess access;
  private final JobQuota quota;
  private final BatchCreation batches;

  @Inject
  public ItemRetries(
      JobStore store, JobRules rules, JobAccess access, JobQuota quota, BatchCreation batches) {
    this.store = store;
    this.batches = batches;
    this.rules = rules;
    this.access = access;
    this.quota = quota;
  }

  public CompletionStage<RetryFailedItemsResponse> retry(
      Caller caller, RetryFailedItemsRequest request, BulkCall call) {
    JobKey key = JobAccess.key(caller, request.getJobId());
    FieldChecks violations = new FieldChecks();
    JobValidation.requestId(violations, request.getRequestId());
    violations.orThrow();
    IdempotentRequest once =
        IdempotentRequest.of(caller, "RetryFailedItems", request.getRequestId(), request);
    JobKey newKey = new JobKey(caller.tenantId(), UuidCreator.getTimeOrderedEpoch().toString());
    return access
        .mayFind(caller, key)
        .thenCompose(
            mayFind -> {
              if (!mayFind) {
                return repeated(key, newKey, once);
              }
              return store
                  .get(List.of(key))
                  .thenCompose(
                      found -> {
                        Optional<Job> job =
                            found.jobs().stream().map(JobRecord::getJob).findFirst();
                        String owner = owner(caller, job);
                        return job.isPresent() && job.get().getKind() == JobKind.JOB_KIND_BATCH
                            ? batch(caller, key, owner, once, call)
                            : attempt(new Call(caller, key, newKey, owner, once), MAX_TRIES);
                      });
            });
  }

  private CompletionStage<RetryFailedItemsResponse> batch(
      Caller caller, JobKey key, String owner, IdempotentRequest once, BulkCall call) {
    return batches
        .beginRetry(caller, key, owner, once)
        .thenCompose(batch -> new BatchRetry(new BatchItems(store), rules, key, batch, call).run())
        .thenApply(made -> response(made.getJob(), made.getCreated()));
  }

  /** Answers a request about a job that the caller cannot see, or no longer: it may have before. */
  private CompletionStage<RetryFailedItemsResponse> repeated(
      JobKey key, JobKey newKey, IdempotentRequest once) {
    return store.update(
        new Selection.Named(List.of(newKey), Set.of(), once.key(), false),
        found ->
            once.firstJob(found, access)
                .map(first -> Decision.nothing(response(first.getJob(), false)))
                .orElseThrow(() -> new Refusal.JobNotFound(key.jobId())));
  }

  /** Returns whose job the new one will be: that of the finished one, if the caller can see it. */
  private String owner(Caller caller, Optional<Job> finished) {
    return access.policy().reachesTenant(caller)
        ? finished.map(Job::getUserId).orElse(caller.userId())
        : caller.userId();
  }

  /** The arguments of one call. */
  private record Call(
      Caller caller, JobKey key, JobKey newKey, String owner, IdempotentRequest once) {}

  private CompletionStage<RetryFailedItemsResponse> attempt(Call call, int tries) {
    Set<ItemState> failed = Set.of(ItemState.ITEM_STATE_FAILED);
    return store
        .items(new ItemQuery(call.key, failed, "", "", JobValidation.MAX_ITEMS))
        .thenCompose(
            page ->
                quota.withRoom(
                    NewJobs.of(call.caller, call.owner, amount(page)),
                    room ->
                        store.update(
                            new Selection.Named(
                                List.of(call.key, call.newKey), ids(page), call.once.key(), false),
                            found -> decide(call, page, room, found))))
        .thenCompose(
            answer -> {
              if (answer.isPresent()) {
                return CompletableFuture.completedFuture(answer.get());
              }
              if (tries == 1) {
                throw new Refusal.EtagMismatch(call.key.jobId());
              }
              return attempt(call, tries - 1);
            });
  }

  /** The spec is not known yet, and is small beside what the limit leaves. */
  private static QuotaAmount amount(ItemPage page) {
    return new QuotaAmount(1, 0).plus(QuotaAmount.ofItems(page.items()));
  }

  private static Set<String> ids(ItemPage page) {
    return page.items().stream().map(Item::getId).collect(Collectors.toSet());
  }

  /** Decides; the result is empty if the items have changed since they were read. */
  private Decision<Optional<RetryFailedItemsResponse>> decide(
      Call call, ItemPage read, JobQuota.Room room, Found found) {
    Optional<JobRecord> first = call.once.firstJob(found, access);
    if (first.isPresent()) {
      return Decision.nothing(Optional.of(response(first.get().getJob(), false)));
    }
    JobRecord finished =
        found
            .job(call.key)
            .filter(record -> access.isVisible(call.caller, record, found.now()))
            .orElseThrow(() -> access.notFound(call.caller, call.key.jobId(), found.unreadable()));
    List<Item> failed =
        read.items().stream()
            .map(item -> found.items().getOrDefault(item.getId(), Item.getDefaultInstance()))
            .filter(item -> item.getState() == ItemState.ITEM_STATE_FAILED)
            .toList();
    JobStatus status = finished.getJob().getStatus();
    // A task counts its steps' items and has none itself: the rules refuse it.
    boolean ranAgain =
        !JobRecords.isParent(finished) && failed.size() != status.getItemCounts().getFailed();
    if (Transitions.isFinished(status.getState()) && ranAgain) {
      return Decision.nothing(Optional.empty());
    }
    JobDecision.Put made =
        rules.retryFailedItems(finished, failed, call.newKey, call.caller.userId(), found.clock());
    room.require();
    return new Decision<>(
        List.of(made),
        call.once.record(found, call.newKey.jobId()),
        Optional.of(response(made.record().getJob(), true)));
  }

  private static RetryFailedItemsResponse response(Job job, boolean created) {
    return RetryFailedItemsResponse.newBuilder().setJob(job).setCreated(created).build();
  }
}
