package dev.milepost.server.store.postgres;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.ClockReading;
import dev.milepost.server.store.ChangeHistory;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Erased;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreHealth;
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.CommitLog;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.PartState;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.engine.UpdateLoop;
import dev.milepost.server.store.engine.UpdateQueue;
import dev.milepost.server.store.engine.WriterChores;
import dev.milepost.server.store.sql.SqlJobStore;
import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * Keeps jobs in a PostgreSQL database, for any number of servers. Acknowledged changes are as
 * durable as the database is configured to make them; with its defaults they survive a power loss.
 *
 * <p>Listeners receive changes by other servers a moment later than changes by their own. If this
 * server was cut off from the database for long, listeners are notified that they may have missed
 * changes.
 */
public final class PostgresJobStore extends SqlJobStore {
  /** Slots that counts are spread over; a count adds them up. */
  private static final int COUNT_SLOTS = 8;

  private final PostgresDatabase database;
  private final StoreMonitor monitor;
  private final PartState feedState;
  private final PartState space;
  private final EngineClock clock;
  private final boolean hasDatabaseTime;
  private final Duration changesKept;
  private final PostgresReaders readers;
  private final PostgresFeed feed;
  private final WriterChores<PostgresWriter> chores;
  private final UpdateLoop loop;

  private PostgresJobStore(
      PostgresDatabase database,
      StoreMonitor monitor,
      PartState feedState,
      PartState space,
      StoreInfo info,
      EngineClock clock,
      PostgresOptions options,
      int journalCap,
      UpdateQueue queue,
      PostgresReaders readers,
      Listeners listeners,
      PostgresFeed feed,
      WriterChores<PostgresWriter> chores,
      PostgresWriter writer) {
    super(info, clock, journalCap, queue, readers, listeners);
    this.database = database;
    this.monitor = monitor;
    this.feedState = feedState;
    this.space = space;
    this.clock = clock;
    this.hasDatabaseTime = options.databaseTime();
    this.changesKept = options.changesKept();
    this.readers = readers;
    this.feed = feed;
    this.chores = chores;
    this.loop = new UpdateLoop(queue, writer);
  }

  /**
   * Opens a store. Creates its tables, or migrates them to this version. Blocks.
   *
   * @param url the database: {@code postgresql://user:password@host:port/database}, with parameters
   *     of the driver after a question mark. {@code currentSchema} is the schema of the tables; the
   *     default is {@code milepost}
   * @param clock this machine's time; decisions use the database's
   * @param journalCap journal entries kept of each kind
   * @param observer is notified of every commit
   * @throws dev.milepost.server.store.StoreException if the database cannot be used; the message
   *     says what to do, and contains no password
   */
  public static PostgresJobStore open(
      String url, StoreClock clock, int journalCap, CommitObserver observer) {
    return open(url, clock, journalCap, PostgresOptions.STANDARD, observer);
  }

  /**
   * Checks the form of a URL without connecting.
   *
   * @throws dev.milepost.server.store.StoreException if it is not valid
   */
  public static void requireValid(String url) {
    var unused = PostgresUrl.of(url);
  }

  static PostgresJobStore open(
      String url,
      StoreClock clock,
      int journalCap,
      PostgresOptions options,
      CommitObserver observer) {
    PostgresUrl parsed = PostgresUrl.of(url);
    Listeners listeners = new Listeners();
    StoreMonitor monitor = new StoreMonitor(TimeSource.system(), listeners);
    PostgresDatabase database = PostgresDatabase.open(parsed, monitor);
    try {
      StoreInfo info = info(database, parsed);
      PostgresJobStore store =
          open(database, info, clock, journalCap, options, observer, monitor, listeners);
      monitor.start(new PostgresProbe(parsed));
      return store;
    } catch (SQLException e) {
      database.close();
      throw PostgresFailures.notApplied(e);
    }
  }

  private static PostgresJobStore open(
      PostgresDatabase database,
      StoreInfo info,
      StoreClock clock,
      int journalCap,
      PostgresOptions options,
      CommitObserver observer,
      StoreMonitor monitor,
      Listeners listeners)
      throws SQLException {
    UUID serverId = UUID.randomUUID();
    EngineClock databaseClock = new EngineClock(clock, System::nanoTime, observer);
    PostgresChangeTable changeTable = new PostgresChangeTable(serverId);
    ChangePublisher publisher = new ChangePublisher(listeners);
    PartState feedState = StoreMonitor.feed(TimeSource.system());
    PartState space = CommitLog.space(TimeSource.system());
    PostgresFeed feed =
        new PostgresFeed(
            database, serverId, options, databaseClock, changeTable, publisher, monitor, feedState);
    UpdateQueue queue = new UpdateQueue(options.queueLimit(), observer, monitor);
    WriterChores<PostgresWriter> chores = new WriterChores<>(queue);
    PostgresWriter writer =
        new PostgresWriter(
            database,
            databaseClock,
            options,
            journalCap,
            Math.floorMod(serverId.hashCode(), COUNT_SLOTS),
            changeTable,
            publisher,
            feed::committed,
            observer,
            queue,
            chores,
            monitor,
            new CommitLog(observer, space, monitor::failed));
    feed.start();
    PostgresReaders readers =
        new PostgresReaders(
            database.connections(), monitor, options.readers(), options.queueLimit());
    PostgresJobStore store =
        new PostgresJobStore(
            database,
            monitor,
            feedState,
            space,
            info,
            databaseClock,
            options,
            journalCap,
            queue,
            readers,
            listeners,
            feed,
            chores,
            writer);
    store.loop.start();
    return store;
  }

  private static StoreInfo info(PostgresDatabase database, PostgresUrl url) throws SQLException {
    try (Statements sql = database.connect()) {
      boolean flushes = !PostgresDatabase.setting(sql, "synchronous_commit").equals("off");
      boolean disk = PostgresDatabase.setting(sql, "fsync").equals("on");
      String note;
      if (!disk) {
        note = "A power loss loses acknowledged changes: the database runs with fsync off.";
      } else if (!flushes) {
        note =
            "A crash of the database loses the last acknowledged changes: it runs with"
                + " synchronous_commit off.";
      } else {
        note = "Acknowledged changes are on the database's disk.";
      }
      return new StoreInfo(
          "postgresql",
          url.location(),
          disk && flushes ? StoreInfo.Durability.DURABLE : StoreInfo.Durability.CONFIGURED,
          note);
    }
  }

  @Override
  public Optional<ChangeHistory> history() {
    return Optional.of(
        ChangeHistory.of(
            feed::mark,
            position -> read(sql -> PostgresHistory.since(sql, position, changesKept))));
  }

  @Override
  public StoreHealth health() {
    return monitor.health(feedState, space, feed.lag());
  }

  @Override
  public CompletionStage<ClockReading> time() {
    if (!hasDatabaseTime) {
      return super.time();
    }
    return read(
        sql -> {
          clock.set(() -> PostgresDatabase.now(sql));
          return clock.read();
        });
  }

  @Override
  public CompletionStage<Erased> eraseUser(String tenantId, String userId) {
    return chores.add(writer -> writer.erase(tenantId, userId));
  }

  @Override
  protected CompletionStage<Boolean> writeRecords(RecordWrite write) {
    return chores.add(writer -> writer.write(write));
  }

  @Override
  protected void closeOnce() {
    loop.finish();
    monitor.close();
    feed.close();
    try {
      readers.close();
    } catch (SQLException e) {
      throw PostgresFailures.notApplied(e);
    } finally {
      database.close();
    }
  }
}
