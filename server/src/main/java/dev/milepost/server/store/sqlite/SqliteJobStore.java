package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.sql.CountReader;
import dev.milepost.server.store.sql.JobReader;
import dev.milepost.server.store.sql.PartReader;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobCount;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps jobs in one SQLite file, for one server. What it acknowledges survives the loss of power:
 * each commit is written to the disk before anybody hears of it.
 */
public final class SqliteJobStore implements JobStore {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteJobStore.class);

  private final Path file;
  private final int journalCap;
  private final SqliteDatabase database;
  private final Listeners listeners = new Listeners();
  private final SqliteFlusher flusher;
  private final SqliteWriter writer;
  private boolean closed;

  private SqliteJobStore(
      Path file,
      InstantSource clock,
      int journalCap,
      SqliteOptions options,
      CommitObserver observer,
      SqliteDatabase database) {
    this.file = file;
    this.journalCap = journalCap;
    this.database = database;
    this.flusher =
        new SqliteFlusher(
            listeners, database.wal(), database.watermark(), options.beforeFlush(), observer);
    this.writer =
        new SqliteWriter(
            database.tables(),
            database.checkpointer(),
            clock,
            options,
            flusher,
            database.watermark(),
            observer);
  }

  /**
   * Loads the driver and its native library, which takes longer than opening a store: where that is
   * done on another thread meanwhile, {@link #open} has less to wait for. Blocks; touches no
   * database. What fails here is said by {@code open}.
   */
  public static void prepare() {
    try {
      SqliteConnections.prepare();
    } catch (SQLException e) {
      LOG.debug("The SQLite driver could not be prepared.", e);
    }
  }

  /**
   * Opens a store; makes its file, and the directories that it lies in, where there are none yet.
   *
   * @param file the database. Beside it lie its log ({@code -wal}, {@code -shm}) and a lock
   * @param clock the time that decides
   * @param journalCap entries of a journal kept of each kind
   * @param observer is told of every commit
   * @throws StoreException where the file is in use, is not ours, or cannot be used; it is as it
   *     was then, and the message says what to do
   */
  public static SqliteJobStore open(
      Path file, InstantSource clock, int journalCap, CommitObserver observer) {
    return open(file, clock, journalCap, SqliteOptions.STANDARD, observer);
  }

  static SqliteJobStore open(
      Path file,
      InstantSource clock,
      int journalCap,
      SqliteOptions options,
      CommitObserver observer) {
    SqliteDatabase database = SqliteDatabase.open(file, journalCap, options.pageLimit());
    SqliteJobStore store = new SqliteJobStore(file, clock, journalCap, options, observer, database);
    store.flusher.start(store.writer::diskIsIdle);
    store.writer.start();
    return store;
  }

  @Override
  public StoreInfo info() {
    return new StoreInfo(
        "sqlite",
        file.toString(),
        StoreInfo.Durability.DURABLE,
        "What is acknowledged has been written to the disk (WAL, flushed before each answer).");
  }

  @Override
  public <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    return writer.update(selection, decide);
  }

  @Override
  public CompletionStage<List<JobRecord>> get(Collection<JobKey> keys) {
    List<JobKey> wanted = List.copyOf(keys);
    return database.readers().read(sql -> new JobReader(sql).get(wanted));
  }

  @Override
  public CompletionStage<JobPage> list(JobQuery query) {
    return database.readers().read(sql -> new JobReader(sql).list(query));
  }

  @Override
  public CompletionStage<List<JobCount>> count(CountQuery query) {
    return database.readers().read(sql -> new CountReader(sql).count(query));
  }

  @Override
  public CompletionStage<JournalPage> journal(JournalQuery query) {
    return database.readers().read(sql -> new PartReader(sql, journalCap).journal(query));
  }

  @Override
  public CompletionStage<ItemPage> items(ItemQuery query) {
    return database.readers().read(sql -> new PartReader(sql, journalCap).items(query));
  }

  @Override
  public CompletionStage<DueJobs> due(Instant now, int limit) {
    return database.readers().read(sql -> new JobReader(sql).due(now, limit));
  }

  @Override
  public Subscription subscribe(ChangeListener listener) {
    return listeners.add(listener);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      writer.finish();
      flusher.finish();
      if (flusher.isBroken()) {
        database.leave();
      } else {
        database.close();
      }
    }
  }
}
