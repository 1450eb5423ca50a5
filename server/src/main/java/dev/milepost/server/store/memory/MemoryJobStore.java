package dev.milepost.server.store.memory;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DecisionCheck;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.Erased;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.JobsByKeyBuilder;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.ServerRecords;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreHealth;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.engine.JobSource;
import dev.milepost.server.store.engine.StoreThreads;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobCount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps jobs in memory, for development and tests: they are lost with the process. One thread does
 * all work.
 */
public final class MemoryJobStore implements JobStore {
  private static final int MAX_WAITING = 20_000;

  private final StoreClock clock;
  private final MemoryJobs jobs;
  private final MemoryRequests requests = new MemoryRequests();
  private final MemoryReads reads;
  private final Listeners listeners = new Listeners();
  private final JobSource<RuntimeException> source = new Source();
  private final CommitObserver observer;
  private final StoreHealth health;
  private final AtomicInteger pending = new AtomicInteger();
  private final StoreThreads thread = new StoreThreads("milepost-store", 1, MAX_WAITING);
  private final ServerRecords records;

  /**
   * An empty store that nothing observes.
   *
   * @param clock the time that decisions use
   * @param journalCap journal entries kept of each kind
   */
  public MemoryJobStore(StoreClock clock, int journalCap) {
    this(clock, journalCap, CommitObserver.NONE);
  }

  /**
   * An empty store.
   *
   * @param clock the time that decisions use
   * @param journalCap journal entries kept of each kind
   * @param observer is notified of changes
   */
  public MemoryJobStore(StoreClock clock, int journalCap, CommitObserver observer) {
    this.observer = observer;
    this.clock = clock;
    this.records = new MemoryRecords(clock);
    this.health = StoreHealth.up(clock.instant());
    this.jobs = new MemoryJobs(journalCap);
    this.reads = new MemoryReads(jobs, journalCap);
  }

  @Override
  public StoreInfo info() {
    return new StoreInfo(
        "memory",
        "memory",
        StoreInfo.Durability.NONE,
        "Jobs are lost when the server's process ends.");
  }

  @Override
  public <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    pending.incrementAndGet();
    CompletionStage<R> updated =
        submit(
            () -> {
              Found found = source.find(selection, clock.read());
              Decision<R> decision = decide.apply(found);
              DecisionCheck.requireSound(selection, found, decision);
              decision
                  .request()
                  .ifPresent(
                      request ->
                          requests.put(selection.request().orElseThrow(), request, found.now()));
              List<Change> changes = commit(decision);
              listeners.publish(changes);
              observer.changed(changes);
              return decision.result();
            });
    var unused = updated.whenComplete((result, failure) -> pending.decrementAndGet());
    return updated;
  }

  @Override
  public ServerRecords records() {
    return records;
  }

  @Override
  public StoreHealth health() {
    return health;
  }

  @Override
  public CompletionStage<Erased> eraseUser(String tenantId, String userId) {
    return submit(() -> new Erased(requests.removeUser(tenantId, userId), true));
  }

  @Override
  public int pendingUpdates() {
    return pending.get();
  }

  private final class Source implements JobSource<RuntimeException> {
    @Override
    public @Nullable JobRecord job(JobKey key, boolean isNew) {
      MemoryJob job = jobs.get(key);
      return job == null ? null : job.record();
    }

    /** What is in memory is not damaged. */
    @Override
    public @Nullable UnreadableJob unreadable(JobKey key) {
      return null;
    }

    @Override
    public List<JobKey> claimable(ClaimQuery query) {
      return jobs.claimable(query);
    }

    @Override
    public Map<String, Item> items(JobKey key, Set<String> ids) {
      MemoryJob job = jobs.get(key);
      Map<String, Item> items = job == null ? new HashMap<>() : new HashMap<>(job.items());
      items.keySet().retainAll(ids);
      return items;
    }

    @Override
    public @Nullable RequestRecord request(RequestKey key, Instant now) {
      return requests.get(key, now);
    }
  }

  private List<Change> commit(Decision<?> decision) {
    List<Change> changes = new ArrayList<>();
    for (JobDecision change : decision.changes()) {
      MemoryJob job = jobs.get(change.key());
      JobRecord before = job == null ? null : job.record();
      if (change instanceof JobDecision.Put put) {
        jobs.put(put);
        changes.add(new Change(put.key(), before, put.record(), put.entries()));
      } else if (change instanceof JobDecision.Remove remove) {
        jobs.remove(remove.key());
        changes.add(new Change(remove.key(), before, null, List.of()));
      } else if (change instanceof JobDecision.Postpone postpone) {
        jobs.postpone(postpone.key(), postpone.wakeTime());
      }
    }
    return changes;
  }

  @Override
  public CompletionStage<JobsByKey> get(
      List<JobKey> keys, String owner, long maxBytes, JobShape shape) {
    return submit(() -> reads.get(keys, owner, new JobsByKeyBuilder(maxBytes, shape)));
  }

  @Override
  public CompletionStage<JobPage> list(JobQuery query) {
    return submit(() -> reads.list(query));
  }

  @Override
  public CompletionStage<List<JobCount>> count(CountQuery query) {
    return submit(() -> reads.count(query));
  }

  @Override
  public CompletionStage<List<String>> queuedTenants(int limit) {
    return submit(() -> reads.queuedTenants(limit));
  }

  @Override
  public CompletionStage<List<JobKey>> firstClaimable(String tenantId) {
    return submit(() -> reads.firstClaimable(tenantId));
  }

  @Override
  public CompletionStage<JournalPage> journal(JournalQuery query) {
    return submit(() -> reads.journal(query));
  }

  @Override
  public CompletionStage<ItemPage> items(ItemQuery query) {
    return submit(() -> reads.items(query));
  }

  @Override
  public StoreClock clock() {
    return clock;
  }

  @Override
  public CompletionStage<DueJobs> due(Instant from, Instant until, int limit) {
    return submit(() -> reads.due(from, until, limit));
  }

  @Override
  public Subscription subscribe(ChangeListener listener) {
    return listeners.add(listener);
  }

  @Override
  public void close() {
    thread.close();
  }

  private <R> CompletionStage<R> submit(Supplier<R> work) {
    return thread.submit(
        stage -> {
          R result;
          try {
            result = work.get();
          } catch (Throwable e) {
            stage.completeExceptionally(e);
            return;
          }
          stage.complete(result);
        });
  }
}
