package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DueJobs;
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
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.ServerRecord;
import dev.milepost.server.store.ServerRecords;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.v1.JobCount;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A store that keeps jobs in SQL tables: the part that is the same for every engine. */
public abstract class SqlJobStore implements JobStore {
  private final StoreInfo info;
  private final StoreClock clock;
  private final int journalCap;
  private final UpdateQueue queue;
  private final SqlReaders readers;
  private final Listeners listeners;
  private final ServerRecords records = new Records();
  private boolean closed;

  /**
   * A store that is open.
   *
   * @param clock the clock that decides
   * @param journalCap journal entries kept of each kind
   * @param queue where the engine's writer takes updates from
   */
  protected SqlJobStore(
      StoreInfo info,
      StoreClock clock,
      int journalCap,
      UpdateQueue queue,
      SqlReaders readers,
      Listeners listeners) {
    this.info = info;
    this.clock = clock;
    this.journalCap = journalCap;
    this.queue = queue;
    this.readers = readers;
    this.listeners = listeners;
  }

  @Override
  public final StoreInfo info() {
    return info;
  }

  @Override
  public final <R> CompletionStage<R> update(
      Selection selection, Function<Found, Decision<R>> decide) {
    return queue.add(selection, decide);
  }

  @Override
  public final int pendingUpdates() {
    return queue.pending();
  }

  @Override
  public final CompletionStage<JobsByKey> get(
      List<JobKey> keys, String owner, long maxBytes, JobShape shape) {
    return readers.read(
        sql -> new JobReader(sql).get(keys, owner, new JobsByKeyBuilder(maxBytes, shape)));
  }

  @Override
  public final CompletionStage<JobPage> list(JobQuery query) {
    return readers.read(sql -> new JobReader(sql).list(query));
  }

  @Override
  public final CompletionStage<List<JobCount>> count(CountQuery query) {
    return readers.read(sql -> new CountReader(sql).count(query));
  }

  @Override
  public final CompletionStage<List<String>> queuedTenants(int limit) {
    return readers.read(sql -> new CountReader(sql).queuedTenants(limit));
  }

  @Override
  public final CompletionStage<List<JobKey>> firstClaimable(String tenantId) {
    return readers.read(sql -> new ClaimIndex(sql).first(tenantId));
  }

  @Override
  public final CompletionStage<JournalPage> journal(JournalQuery query) {
    return readers.read(sql -> new PartReader(sql, journalCap).journal(query));
  }

  @Override
  public final CompletionStage<ItemPage> items(ItemQuery query) {
    return readers.read(sql -> new PartReader(sql, journalCap).items(query));
  }

  @Override
  public final ServerRecords records() {
    return records;
  }

  /** Writes records in a transaction of its own, between those of updates. */
  protected abstract CompletionStage<Boolean> writeRecords(RecordWrite write);

  private final class Records implements ServerRecords {
    @Override
    public CompletionStage<Boolean> write(RecordWrite write) {
      return writeRecords(write);
    }

    @Override
    public CompletionStage<List<ServerRecord>> list(RecordKind kind, String prefix) {
      return readers.read(sql -> new ServerRecordTable(sql).list(kind, prefix, clock.instant()));
    }
  }

  @Override
  public final StoreClock clock() {
    return clock;
  }

  @Override
  public final CompletionStage<DueJobs> due(Instant from, Instant until, int limit) {
    return readers.read(sql -> new JobReader(sql).due(from, until, limit));
  }

  @Override
  public final Subscription subscribe(ChangeListener listener) {
    return listeners.add(listener);
  }

  /** Reads on a connection of the engine. */
  protected final <T> CompletionStage<T> read(SqlReaders.Read<T> read) {
    return readers.read(read);
  }

  @Override
  public final synchronized void close() {
    if (!closed) {
      closed = true;
      closeOnce();
    }
  }

  /** Commits what was queued, and closes the engine. Called once. */
  protected abstract void closeOnce();
}
