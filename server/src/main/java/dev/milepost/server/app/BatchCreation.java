package dev.milepost.server.app;

import com.github.f4b6a3.uuid.UuidCreator;
import com.google.protobuf.ByteString;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.Fingerprints;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Creates batches: a parent job, then one child job after another as the items arrive, then the end
 * of the batch. Holds only the items of the next child in memory.
 */
@Singleton
public final class BatchCreation {
  /** Size of one child's items, which one commit writes. */
  private static final int MAX_CHILD_BYTES = 4 * 1024 * 1024;

  /** The part of the request that describes the batch. */
  private static final String BATCH = "batch";

  private final JobStore store;
  private final JobRules rules;
  private final JobAccess access;
  private final JobQuota quota;
  private final int childItems;

  /**
   * Creates batches in a store.
   *
   * @param limits says how many items a child may have
   */
  @Inject
  public BatchCreation(
      JobStore store, JobRules rules, JobAccess access, JobQuota quota, CallerLimits limits) {
    this.store = store;
    this.rules = rules;
    this.access = access;
    this.quota = quota;
    this.childItems = limits.childItems();
  }

  /** Opens a batch, or repeats the response of an earlier request. */
  public CompletionStage<Batch> begin(Caller caller, CreateJobRequest request) {
    FieldChecks violations = new FieldChecks(BATCH + '.');
    violations.check(
        !request.hasStart(), "start", "must not be set: other workers claim the jobs of a batch");
    JobCreation.validate(violations, request);
    String owner = access.policy().ownerFor(caller, request.getUserId());
    String id =
        request.getJobId().isEmpty()
            ? UuidCreator.getTimeOrderedEpoch().toString()
            : request.getJobId();
    JobKey key = new JobKey(caller.tenantId(), id);
    IdempotentRequest once =
        IdempotentRequest.of(
            caller, "CreateJobs", request.getRequestId(), request.toBuilder().clearItems().build());
    NewJob job = new NewJob(key, owner, caller.userId(), "", "", request.getSpec());
    return quota
        .withRoom(
            NewJobs.of(caller, owner, QuotaAmount.of(job.spec())),
            room ->
                store.update(
                    Selection.of(key, once.key()),
                    found -> {
                      if (found.request().isPresent()) {
                        return Decision.nothing(
                            Optional.of(new Batch(caller, job, once, true, Optional.empty())));
                      }
                      Optional<JobRecord> taken = found.job(key);
                      if (taken.isPresent()) {
                        return clearAway(caller, request, taken.get(), found);
                      }
                      room.require();
                      return Decision.of(
                          open(job, request.getRequestId(), found),
                          Optional.of(new Batch(caller, job, once, false, Optional.empty())));
                    }))
        .thenApply(begun -> begun.orElseThrow(() -> new Refusal.BatchBeingRemoved(id)));
  }

  /**
   * Opens a batch that is to receive the failed items of a finished batch, or repeats the response
   * of an earlier request.
   *
   * @param owner whose batch it is, as far as known
   */
  CompletionStage<Batch> beginRetry(
      Caller caller, JobKey finished, String owner, IdempotentRequest once) {
    JobKey key = new JobKey(finished.tenantId(), UuidCreator.getTimeOrderedEpoch().toString());
    Selection both = new Selection.Named(List.of(finished, key), Set.of(), once.key(), false);
    return quota.withRoom(
        NewJobs.of(caller, owner, new QuotaAmount(1, 0)),
        room ->
            store.update(
                both,
                found -> {
                  NewJob none = new NewJob(key, owner, "", "", "", JobSpec.getDefaultInstance());
                  if (found.request().isPresent()) {
                    return Decision.nothing(
                        new Batch(caller, none, once, true, Optional.of(finished)));
                  }
                  JobRecord before =
                      found
                          .job(finished)
                          .filter(record -> access.isVisible(caller, record, found.now()))
                          .orElseThrow(
                              () -> access.notFound(caller, finished.jobId(), found.unreadable()));
                  JobDecision.Put opened =
                      rules.batches().openRetry(before, key, caller.userId(), found.clock());
                  room.require();
                  Job job = opened.record().getJob();
                  NewJob batch =
                      new NewJob(key, job.getUserId(), caller.userId(), "", "", job.getSpec());
                  return Decision.of(
                      opened, new Batch(caller, batch, once, false, Optional.of(finished)));
                }));
  }

  private JobDecision.Put open(NewJob batch, String requestId, Found found) {
    try {
      return rules.batches().open(batch, requestId, found.clock());
    } catch (Refusal.InvalidArgument e) {
      throw e.within(BATCH + '.');
    }
  }

  /** Abandons the batch of an earlier stream with the same request id, which has broken off. */
  private Decision<Optional<Batch>> clearAway(
      Caller caller, CreateJobRequest request, JobRecord taken, Found found) {
    if (!rules.batches().isLeftover(taken, caller.userId(), request.getRequestId())) {
      throw new Refusal.JobAlreadyExists(taken.getJob().getId());
    }
    return Decision.of(rules.batches().abandon(taken, found.clock()), Optional.empty());
  }

  /**
   * A batch that is being created. Each method must be called after the previous one has completed.
   */
  public final class Batch {
    private final Caller caller;
    private final NewJob job;
    private final JobKey key;
    private final IdempotentRequest once;
    private final boolean isRepetition;

    /** The finished batch whose failed items this one receives; empty if there is none. */
    private final Optional<JobKey> retried;

    private List<Item> waiting = new ArrayList<>();
    private Set<String> waitingIds = new HashSet<>();
    private int waitingBytes;

    /** The part of the request that had the last items. */
    private String path = BATCH;

    private ByteString digest = ByteString.EMPTY;

    /** What was created: the batch, then its children. */
    private QuotaAmount made;

    private Batch(
        Caller caller,
        NewJob job,
        IdempotentRequest once,
        boolean isRepetition,
        Optional<JobKey> retried) {
      this.caller = caller;
      this.job = job;
      this.key = job.key();
      this.made = QuotaAmount.of(job.spec());
      this.once = once;
      this.isRepetition = isRepetition;
      this.retried = retried;
    }

    /** Whether an earlier call made the batch: it needs no items. */
    boolean isRepetition() {
      return isRepetition;
    }

    /**
     * Adds items. Completes when those that fill a child are durable.
     *
     * @param parent path of the part of the request that has the items
     */
    public CompletionStage<Void> add(String parent, List<Item> items) {
      path = parent;
      FieldChecks violations = new FieldChecks(parent + '.');
      JobValidation.items(violations, "items", items);
      violations.orThrow();
      CompletionStage<Void> added = CompletableFuture.completedFuture(null);
      for (Item item : items) {
        if (once.key().isPresent()) {
          digest = Fingerprints.chained(digest, item);
        }
        int bytes = item.getSerializedSize();
        // Children of the retried batch may have items of the same id.
        boolean isTaken = retried.isPresent() && waitingIds.contains(item.getId());
        if (isTaken || waiting.size() == childItems || waitingBytes + bytes > MAX_CHILD_BYTES) {
          List<Item> full = take();
          added = added.thenCompose(done -> child(full));
        }
        waiting.add(item);
        waitingIds.add(item.getId());
        waitingBytes += bytes;
      }
      return added;
    }

    private List<Item> take() {
      List<Item> taken = waiting;
      waiting = new ArrayList<>();
      waitingIds = new HashSet<>();
      waitingBytes = 0;
      return taken;
    }

    private CompletionStage<Void> child(List<Item> items) {
      Set<String> ids = new HashSet<>();
      if (!items.stream().allMatch(item -> ids.add(item.getId()))) {
        return CompletableFuture.failedFuture(
            new Refusal.InvalidArgument(path + ".items", "must have unique ids within a child"));
      }
      if (isRepetition) {
        return CompletableFuture.completedFuture(null);
      }
      JobKey child = new JobKey(key.tenantId(), UuidCreator.getTimeOrderedEpoch().toString());
      Selection both = new Selection.Named(List.of(key, child), Set.of(), Optional.empty(), false);
      QuotaAmount one = QuotaAmount.of(job.spec()).plus(QuotaAmount.ofItems(items));
      return quota
          .withRoom(
              new NewJobs(caller, job.userId(), one, made),
              room ->
                  store.update(
                      both,
                      found -> {
                        room.require();
                        return Decision.of(
                            rules.batches().add(open(found), child, items, found.clock()), child);
                      }))
          .thenAccept(added -> made = made.plus(one));
    }

    private JobRecord open(Found found) {
      return found.job(key).orElseThrow(() -> new Refusal.BatchClosed(key.jobId()));
    }

    /** Closes the batch: all of its items have arrived. */
    public CompletionStage<CreateJobsResponse> finish() {
      IdempotentRequest whole = retried.isPresent() ? once : once.with("items", digest);
      List<Item> rest = take();
      CompletionStage<Void> last =
          rest.isEmpty() ? CompletableFuture.completedFuture(null) : child(rest);
      return last.thenCompose(
          done -> {
            List<JobKey> keys = new ArrayList<>(List.of(key));
            retried.ifPresent(keys::add);
            return store.update(
                new Selection.Named(keys, Set.of(), once.key(), false),
                found -> seal(whole, found));
          });
    }

    /** Requires that what was read of the retried batch is still its end. */
    private void requireUnchanged(Found found) {
      if (retried.isPresent()) {
        boolean isFinished =
            found
                .job(retried.get())
                .filter(job -> Transitions.isFinished(job.getJob().getStatus().getState()))
                .isPresent();
        if (!isFinished) {
          throw new Refusal.EtagMismatch(retried.get().jobId());
        }
      }
    }

    private Decision<CreateJobsResponse> seal(IdempotentRequest whole, Found found) {
      Optional<JobRecord> first = firstJob(whole, found);
      if (first.isPresent()) {
        return repeat(found, first.get().getJob());
      }
      requireUnchanged(found);
      JobRecord batch = open(found);
      if (batch.getJob().getStatus().getChildCounts().getQueued() == 0) {
        throw new Refusal.InvalidArgument(BATCH + ".items", "must be at least one");
      }
      JobDecision.Put sealed = rules.batches().seal(batch, found.clock());
      return new Decision<>(
          List.of(sealed),
          whole.record(found, key.jobId()),
          response(sealed.record().getJob(), true));
    }

    /** The content is a part of the request: paths start with its name. */
    private Optional<JobRecord> firstJob(IdempotentRequest whole, Found found) {
      try {
        return whole.firstJob(found, access);
      } catch (Refusal.RequestIdReused e) {
        throw e.within(BATCH);
      }
    }

    /** If another stream with this request id was faster, abandons what this one has created. */
    private Decision<CreateJobsResponse> repeat(Found found, Job first) {
      List<JobDecision> ours = new ArrayList<>();
      if (!first.getId().equals(key.jobId())) {
        found.job(key).ifPresent(job -> ours.add(rules.batches().abandon(job, found.clock())));
      }
      return Decision.of(ours, response(first, false));
    }

    /** Abandons what was created of the batch after its stream has broken off. */
    public CompletionStage<Boolean> abandon() {
      if (isRepetition) {
        return CompletableFuture.completedFuture(false);
      }
      return store.update(
          Selection.of(key),
          found -> {
            List<JobDecision> gone = new ArrayList<>();
            found.job(key).ifPresent(job -> gone.add(rules.batches().abandon(job, found.clock())));
            return Decision.of(gone, !gone.isEmpty());
          });
    }
  }

  private static CreateJobsResponse response(Job batch, boolean created) {
    long children = JobRecords.children(batch.getStatus().getChildCounts());
    return CreateJobsResponse.newBuilder()
        .setJob(batch)
        .setChildCount((int) Math.min(children, Integer.MAX_VALUE))
        .setItemCount(batch.getStatus().getProgress().getTotal())
        .setCreated(created)
        .build();
  }
}
