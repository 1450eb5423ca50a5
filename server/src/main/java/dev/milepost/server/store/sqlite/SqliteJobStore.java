package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Erased;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.OnlineBackup;
import dev.milepost.server.store.PartHealth;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHealth;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.engine.CommitLog;
import dev.milepost.server.store.engine.PartState;
import dev.milepost.server.store.engine.UpdateLoop;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.engine.WriterChores;
import dev.milepost.server.store.sql.SqlJobStore;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps jobs in one SQLite file, for one server. Acknowledged changes survive a power loss: each
 * commit is flushed to disk before anyone is notified of it.
 */
public final class SqliteJobStore extends SqlJobStore {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteJobStore.class);

  private final SqliteDatabase database;
  private final SqliteFlusher flusher;
  private final WriterChores<Statements> chores;
  private final UpdateLoop loop;
  private final PartHealth up;
  private final PartState space;
  private final SqliteBackup backup;

  private SqliteJobStore(
      Path file,
      StoreClock clock,
      int journalCap,
      SqliteOptions options,
      CommitObserver observer,
      SqliteDatabase database,
      UpdateQueue queue,
      Listeners listeners) {
    super(info(file), clock, journalCap, queue, database.readers(), listeners);
    this.database = database;
    this.up = PartHealth.up(Instant.now());
    this.space = CommitLog.space(TimeSource.system());
    this.flusher =
        new SqliteFlusher(
            listeners,
            database.wal(),
            database.watermark(),
            database.files(),
            options.beforeFlush(),
            observer);
    this.chores = new WriterChores<>(queue);
    this.loop =
        new UpdateLoop(
            queue,
            new SqliteWriter(
                database.tables(),
                database.checkpointer(),
                clock,
                options,
                flusher,
                database.watermark(),
                new CommitLog(observer, space, away -> {}),
                new SqliteSpace(space, FreeSpace.of(file)),
                queue,
                chores));
    this.backup = new SqliteBackup(database.file(), database.watermark());
  }

  /**
   * Loads the driver and its native library, which takes longer than opening a store. Called on
   * another thread meanwhile, it shortens {@link #open}. Blocks; touches no database. A failure is
   * reported by {@code open}.
   */
  public static void prepare() {
    try {
      SqliteConnections.prepare();
    } catch (SQLException e) {
      LOG.debug("Could not prepare the SQLite driver.", e);
    }
  }

  /**
   * Opens a store. Creates its file and the directories above it if they do not exist.
   *
   * @param file the database; its log ({@code -wal}, {@code -shm}) and a lock file lie beside it
   * @param clock the time that decisions use
   * @param journalCap journal entries kept of each kind
   * @param observer is notified of every commit
   * @throws StoreException if the file is in use, belongs to another application, or cannot be
   *     used; the file is unchanged then, and the message says what to do
   */
  public static SqliteJobStore open(
      Path file, StoreClock clock, int journalCap, CommitObserver observer) {
    return open(file, clock, journalCap, false, observer);
  }

  /**
   * Opens a store, as {@link #open(Path, StoreClock, int, CommitObserver)} does.
   *
   * @param acceptDataLoss whether to open a database of which something is missing or damaged, so
   *     that acknowledged changes may be lost
   * @throws StoreException as there
   */
  public static SqliteJobStore open(
      Path file,
      StoreClock clock,
      int journalCap,
      boolean acceptDataLoss,
      CommitObserver observer) {
    SqliteOptions options = SqliteOptions.STANDARD.acceptingDataLoss(acceptDataLoss);
    return open(file, clock, journalCap, options, observer);
  }

  static SqliteJobStore open(
      Path file, StoreClock clock, int journalCap, SqliteOptions options, CommitObserver observer) {
    SqliteDatabase database = SqliteDatabase.open(file, journalCap, options);
    SqliteJobStore store =
        new SqliteJobStore(
            file,
            clock,
            journalCap,
            options,
            observer,
            database,
            new UpdateQueue(options.queueLimit(), observer),
            new Listeners());
    store.flusher.start(store.loop::wake);
    store.loop.start();
    return store;
  }

  private static StoreInfo info(Path file) {
    return new StoreInfo(
        "sqlite",
        file.toAbsolutePath().normalize().toString(),
        StoreInfo.Durability.DURABLE,
        "Acknowledged changes are on disk: the write-ahead log is flushed before each response.");
  }

  @Override
  public StoreHealth health() {
    return new StoreHealth(flusher.health(up), up, space.health(), Duration.ZERO);
  }

  @Override
  public Optional<OnlineBackup> onlineBackup() {
    return Optional.of(backup);
  }

  @Override
  public CompletionStage<Erased> eraseUser(String tenantId, String userId) {
    return translated(chores.add(sql -> new SqliteErasure(sql).erase(tenantId, userId)));
  }

  @Override
  protected CompletionStage<Boolean> writeRecords(RecordWrite write) {
    return translated(chores.add(sql -> SqliteRecords.write(sql, write, clock().instant())));
  }

  private static <T> CompletionStage<T> translated(CompletionStage<T> chore) {
    return chore.exceptionallyCompose(
        failure ->
            CompletableFuture.failedStage(
                failure instanceof SQLException e ? SqliteFailures.ofCommit(e) : failure));
  }

  @Override
  protected void closeOnce() {
    backup.close();
    loop.finish();
    flusher.finish();
    if (flusher.hasFailedToFlush() || !database.files().isDatabaseThere()) {
      database.closeKeepingLog();
    } else {
      database.close();
    }
  }
}
