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
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes batches: a parent, then child after child as its items come, then the word that it is
 * whole. Of all the items only those of the next child are held.
 */
public final class BatchCreation {
  /** Of the items of one child, which one commit writes. */
  private static final int MOST_CHILD_BYTES = 4 * 1024 * 1024;

  private final JobStore store;
  private final JobRules rules;
  private final JobAccess access;
  private final JobQuota quota;
  private final int childItems;

  /**
   * Batches of a store.
   *
   * @param childItems most items of one child
   */
  public BatchCreation(
      JobStore store, JobRules rules, JobAccess access, JobQuota quota, int childItems) {
    this.store = store;
    this.rules = rules;
    this.access = access;
    this.quota = quota;
    this.childItems = childItems;
  }

  /** Begins a batch, or the repetition of one that was made already. */
  public CompletionStage<Batch> begin(Caller caller, CreateJobRequest request) {
    String owner = access.policy().ownerFor(caller, request.getUserId());
    FieldChecks violations = new FieldChecks();
    violations.check(!request.hasStart(), "start", "must not be set: a batch is for other workers");
    violations.orThrow();
    JobCreation.validate(request);
    String id =
        request.getJobId().isEmpty()
            ? UuidCreator.getTimeOrderedEpoch().toString()
            : request.getJobId();
    JobKey key = new JobKey(caller.tenantId(), id);
    Optional<RequestKey> requestKey =
        IdempotentRequests.key(caller, "CreateJobs", request.getRequestId());
    NewJob job = new NewJob(key, owner, caller.userId(), "", "", request.getSpec());
    return quota
        .withRoom(
            caller.tenantId(),
            room ->
                store.update(
                    Selection.of(key, requestKey),
                    found -> {
                      if (found.request().isPresent()) {
                        return Decision.nothing(
                            Optional.of(new Batch(caller, key, requestKey, request, true)));
                      }
                      Optional<JobRecord> taken = found.job(key);
                      if (taken.isPresent()) {
                        return clearAway(caller, request, taken.get(), found);
                      }
                      room.require();
                      return Decision.of(
                          rules.batches().open(job, request.getRequestId(), found.now()),
                          Optional.of(new Batch(caller, key, requestKey, request, false)));
                    }))
        .thenApply(begun -> begun.orElseThrow(() -> new Refusal.BatchBeingRemoved(id)));
  }

  /** An earlier stream of the same request gives way: it broke, or its client believes so. */
  private Decision<Optional<Batch>> clearAway(
      Caller caller, CreateJobRequest request, JobRecord taken, Found found) {
    if (!rules.batches().isLeftover(taken, caller.userId(), request.getRequestId())) {
      throw new Refusal.JobAlreadyExists(taken.getJob().getId());
    }
    return Decision.of(rules.batches().abandon(taken, found.now()), Optional.empty());
  }

  /**
   * A batch in the making. Its methods are called one after the other, each after the last's end.
   */
  public final class Batch {
    private final Caller caller;
    private final JobKey key;
    private final Optional<RequestKey> requestKey;
    private final Map<String, ByteString> fingerprints;
    private final boolean isRepetition;
    private List<Item> waiting = new ArrayList<>();
    private int waitingBytes;
    private ByteString digest = ByteString.EMPTY;

    private Batch(
        Caller caller,
        JobKey key,
        Optional<RequestKey> requestKey,
        CreateJobRequest request,
        boolean isRepetition) {
      this.caller = caller;
      this.key = key;
      this.requestKey = requestKey;
      this.fingerprints =
          new TreeMap<>(Fingerprints.ofFields(request.toBuilder().clearItems().build()));
      this.isRepetition = isRepetition;
    }

    /** Takes more items in; done when those that fill a child are durable. */
    public CompletionStage<Void> add(List<Item> items) {
      FieldChecks violations = new FieldChecks();
      JobValidation.items(violations, "items", items);
      violations.orThrow();
      CompletionStage<Void> added = CompletableFuture.completedFuture(null);
      for (Item item : items) {
        if (requestKey.isPresent()) {
          digest = Fingerprints.chained(digest, item);
        }
        int bytes = item.getSerializedSize();
        if (waiting.size() == childItems || waitingBytes + bytes > MOST_CHILD_BYTES) {
          List<Item> full = take();
          added = added.thenCompose(done -> child(full));
        }
        waiting.add(item);
        waitingBytes += bytes;
      }
      return added;
    }

    private List<Item> take() {
      List<Item> taken = waiting;
      waiting = new ArrayList<>();
      waitingBytes = 0;
      return taken;
    }

    private CompletionStage<Void> child(List<Item> items) {
      Set<String> ids = new HashSet<>();
      if (!items.stream().allMatch(item -> ids.add(item.getId()))) {
        return CompletableFuture.failedFuture(
            new Refusal.InvalidArgument("items", "must have ids of their own within a child"));
      }
      if (isRepetition) {
        return CompletableFuture.completedFuture(null);
      }
      JobKey child = new JobKey(key.tenantId(), UuidCreator.getTimeOrderedEpoch().toString());
      Selection both = new Selection.Named(List.of(key, child), Set.of(), Optional.empty(), false);
      return quota
          .withRoom(
              key.tenantId(),
              room ->
                  store.update(
                      both,
                      found -> {
                        room.require();
                        return Decision.of(
                            rules.batches().add(open(found), child, items, found.now()), child);
                      }))
          .thenAccept(made -> {});
    }

    private JobRecord open(Found found) {
      return found.job(key).orElseThrow(() -> new Refusal.BatchClosed(key.jobId()));
    }

    /** There are no more items: the batch is whole. */
    public CompletionStage<CreateJobsResponse> finish() {
      if (requestKey.isPresent()) {
        fingerprints.put("items", digest);
      }
      List<Item> rest = take();
      CompletionStage<Void> last =
          rest.isEmpty() ? CompletableFuture.completedFuture(null) : child(rest);
      return last.thenCompose(done -> store.update(Selection.of(key, requestKey), this::seal));
    }

    private Decision<CreateJobsResponse> seal(Found found) {
      if (found.request().isPresent()) {
        return repeat(found, found.request().get());
      }
      JobRecord batch = open(found);
      if (batch.getJob().getStatus().getChildCounts().getQueued() == 0) {
        throw new Refusal.InvalidArgument("items", "must be at least one");
      }
      JobDecision.Put sealed = rules.batches().seal(batch, found.now());
      return new Decision<>(
          List.of(sealed),
          requestKey.map(any -> IdempotentRequests.ofJob(key.jobId(), fingerprints, found.now())),
          response(sealed.record().getJob(), true));
    }

    /** Where another stream with this request was faster, what this one has made goes. */
    private Decision<CreateJobsResponse> repeat(Found found, RequestRecord first) {
      Fingerprints.requireSame(first, fingerprints);
      String id = first.getJobIds(0);
      Job made =
          found
              .job(new JobKey(key.tenantId(), id))
              .filter(job -> access.isVisible(caller, job, found.now()))
              .orElseThrow(() -> new Refusal.JobNotFound(id))
              .getJob();
      List<JobDecision> ours = new ArrayList<>();
      if (!id.equals(key.jobId())) {
        found.job(key).ifPresent(job -> ours.add(rules.batches().abandon(job, found.now())));
      }
      return Decision.of(ours, response(made, false));
    }

    /** The stream broke: what was made of it goes. */
    public CompletionStage<Boolean> abandon() {
      if (isRepetition) {
        return CompletableFuture.completedFuture(false);
      }
      return store.update(
          Selection.of(key),
          found -> {
            List<JobDecision> gone = new ArrayList<>();
            found.job(key).ifPresent(job -> gone.add(rules.batches().abandon(job, found.now())));
            return Decision.of(gone, !gone.isEmpty());
          });
    }
  }

  private static CreateJobsResponse response(Job batch, boolean created) {
    long children = JobRecords.children(batch.getStatus().getChildCounts());
    return CreateJobsResponse.newBuilder()
        .setJob(batch)
        .setChildCount(Math.toIntExact(children))
        .setItemCount(batch.getStatus().getProgress().getTotal())
        .setCreated(created)
        .build();
  }
}
