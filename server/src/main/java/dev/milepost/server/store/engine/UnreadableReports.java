package dev.milepost.server.store.engine;

import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ChangeHistory;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
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
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.OnlineBackup;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.ServerRecords;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreHealth;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.v1.JobCount;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that reports what another store cannot read: each job, run of journal entries and item
 * once to the observer, and each job once to the log, however often it is found again. Thread-safe.
 */
public final class UnreadableReports implements JobStore {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableReports.class);

  /** Jobs and parts of jobs that are remembered as reported. */
  private static final int MAX_REPORTED = 10_000;

  /**
   * What has been reported.
   *
   * @param part which part of the job; empty: the job itself
   */
  private record Reported(JobKey job, String part) {}

  private final JobStore store;
  private final CommitObserver observer;
  private final Set<Reported> reported = new LinkedHashSet<>();

  /** Takes ownership of the store. */
  public UnreadableReports(JobStore store, CommitObserver observer) {
    this.store = store;
    this.observer = observer;
  }

  @Override
  public StoreInfo info() {
    return store.info();
  }

  @Override
  public <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    return store.update(
        selection,
        found -> {
          report(found.unreadable());
          return decide.apply(found);
        });
  }

  @Override
  public CompletionStage<List<String>> queuedTenants(int limit) {
    return store.queuedTenants(limit);
  }

  @Override
  public ServerRecords records() {
    return store.records();
  }

  @Override
  public CompletionStage<List<JobKey>> firstClaimable(String tenantId) {
    return store.firstClaimable(tenantId);
  }

  @Override
  public StoreHealth health() {
    return store.health();
  }

  @Override
  public Optional<ChangeHistory> history() {
    return store.history();
  }

  @Override
  public Optional<OnlineBackup> onlineBackup() {
    return store.onlineBackup();
  }

  @Override
  public CompletionStage<Erased> eraseUser(String tenantId, String userId) {
    return store.eraseUser(tenantId, userId);
  }

  @Override
  public int pendingUpdates() {
    return store.pendingUpdates();
  }

  @Override
  public CompletionStage<JobsByKey> get(
      List<JobKey> keys, String owner, long maxBytes, JobShape shape) {
    CompletionStage<JobsByKey> read = store.get(keys, owner, maxBytes, shape);
    var unused = read.thenAccept(found -> report(found.unreadable()));
    return read;
  }

  @Override
  public CompletionStage<JobPage> list(JobQuery query) {
    CompletionStage<JobPage> read = store.list(query);
    var unused = read.thenAccept(page -> report(page.unreadable()));
    return read;
  }

  private void report(List<UnreadableJob> unreadable) {
    for (UnreadableJob job : unreadable) {
      if (isNew(new Reported(job.key(), ""))) {
        observer.foundUnreadable();
        LOG.warn(
            "Job {} of tenant {} is damaged in the store and cannot be read. Delete it, or restore"
                + " it from a backup.",
            job.key().jobId(),
            job.key().tenantId());
      }
    }
  }

  /**
   * Reports parts of a job.
   *
   * @param what what they are, in the plural
   * @param names what tells each of them from the others
   */
  private void reportParts(JobKey key, String what, List<?> names, Runnable found) {
    for (Object name : names) {
      if (isNew(new Reported(key, what + " " + name))) {
        found.run();
      }
    }
    if (!names.isEmpty() && isNew(new Reported(key, what))) {
      LOG.warn(
          "Job {} of tenant {} has {} that are damaged in the store and cannot be read. They are"
              + " left out. Restore them from a backup.",
          key.jobId(),
          key.tenantId(),
          what);
    }
  }

  private synchronized boolean isNew(Reported key) {
    if (!reported.add(key)) {
      return false;
    }
    if (reported.size() > MAX_REPORTED) {
      reported.remove(reported.iterator().next());
    }
    return true;
  }

  @Override
  public CompletionStage<List<JobCount>> count(CountQuery query) {
    return store.count(query);
  }

  @Override
  public CompletionStage<JournalPage> journal(JournalQuery query) {
    CompletionStage<JournalPage> read = store.journal(query);
    var unused =
        read.thenAccept(
            page ->
                reportParts(
                    query.key(),
                    "journal entries",
                    page.unreadable(),
                    observer::foundUnreadableEntries));
    return read;
  }

  @Override
  public CompletionStage<ItemPage> items(ItemQuery query) {
    CompletionStage<ItemPage> read = store.items(query);
    var unused =
        read.thenAccept(
            page ->
                reportParts(
                    query.key(), "items", page.unreadable(), observer::foundUnreadableItem));
    return read;
  }

  @Override
  public StoreClock clock() {
    return store.clock();
  }

  @Override
  public CompletionStage<ClockReading> time() {
    return store.time();
  }

  @Override
  public CompletionStage<DueJobs> due(Instant from, Instant until, int limit) {
    return store.due(from, until, limit);
  }

  @Override
  public Subscription subscribe(ChangeListener listener) {
    return store.subscribe(listener);
  }

  @Override
  public void close() {
    store.close();
  }
}
