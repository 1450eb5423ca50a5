package dev.milepost.server.store.postgres;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.HistoryMarks;
import dev.milepost.server.store.engine.PartState;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.sql.Statements;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives what other servers commit. A notification is only a hint to read. The feed's position is
 * a snapshot of the database, which tells what was committed by then. Without a notification, the
 * feed polls.
 */
final class PostgresFeed {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresFeed.class);

  /** Minimum interval between two notifications by this server. */
  private static final long DEBOUNCE_MILLIS = 2;

  private static final long RECONNECT_NANOS = 200_000_000;
  private static final long AWAY_NANOS = 50_000_000;
  private static final int MAX_DELETED = 20_000;

  private final PostgresDatabase database;
  private final UUID serverId;
  private final PostgresOptions options;
  private final EngineClock clock;
  private final PostgresChangeTable changeTable;
  private final ChangePublisher publisher;
  private final StoreMonitor monitor;
  private final PartState state;
  private final String channel;
  private final Thread thread = ThreadFactories.daemon("milepost-store-feed").newThread(this::run);
  private final HistoryMarks marks = new HistoryMarks();
  private final AtomicBoolean notifying = new AtomicBoolean();
  private final ScheduledExecutorService notifier =
      Executors.newSingleThreadScheduledExecutor(ThreadFactories.daemon("milepost-store-notifier"));

  private volatile boolean closing;

  // Confined to the feed's thread after start.
  private @Nullable Statements sql;
  private @Nullable Statements hints;
  private String position = "";

  /** The position that the last mark has found; empty if it has found none. */
  private String reached = "";

  private volatile long readNanos;
  private long housekeepingNanos = System.nanoTime();

  PostgresFeed(
      PostgresDatabase database,
      UUID serverId,
      PostgresOptions options,
      EngineClock clock,
      PostgresChangeTable changeTable,
      ChangePublisher publisher,
      StoreMonitor monitor,
      PartState state) {
    this.database = database;
    this.serverId = serverId;
    this.options = options;
    this.clock = clock;
    this.changeTable = changeTable;
    this.publisher = publisher;
    this.monitor = monitor;
    this.state = state;
    this.channel = "milepost_" + database.url().schema();
  }

  /** Reads the position, and receives everything that is committed from now on. */
  void start() throws SQLException {
    connect();
    thread.start();
  }

  /** As {@link ChangeHistory#mark}. */
  void mark(Consumer<String> reached) {
    if (marks.add(reached)) {
      // Ends the wait for a notification.
      committed();
    }
    if (closing) {
      marks.giveUp();
    }
  }

  /** This server has committed something: notifies the other servers. */
  void committed() {
    if (!notifying.getAndSet(true)) {
      try {
        var unused = notifier.schedule(this::hint, DEBOUNCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("Skipped a notification because the store is closing.");
      }
    }
  }

  /** Returns for how long changes by other servers may have been missing. */
  Duration lag() {
    return Duration.ofNanos(Math.max(0, System.nanoTime() - readNanos));
  }

  /** A lost hint only delays other servers until their next poll. */
  private void hint() {
    notifying.set(false);
    if (monitor.isAway()) {
      return;
    }
    try {
      Statements connection = hints;
      if (connection == null) {
        connection = database.connect();
        hints = connection;
      }
      connection.run("NOTIFY " + channel);
    } catch (SQLException e) {
      LOG.debug("Could not notify other servers.", e);
      close(hints);
      hints = null;
    }
  }

  private Statements connect() throws SQLException {
    Statements opened = database.connect();
    try {
      opened.run("LISTEN " + channel);
      if (options.databaseTime()) {
        clock.set(() -> PostgresDatabase.now(opened));
      }
      if (position.isEmpty()) {
        position = PostgresHistory.snapshot(opened);
        readNanos = System.nanoTime();
      }
      sql = opened;
      return opened;
    } catch (SQLException e) {
      close(opened);
      throw e;
    }
  }

  private void run() {
    boolean wait = false;
    while (!closing) {
      if (monitor.isAway()) {
        marks.giveUp();
        LockSupport.parkNanos(this, AWAY_NANOS);
        continue;
      }
      try {
        Statements connection = sql == null ? connect() : sql;
        if (wait && marks.isEmpty()) {
          await(connection, (int) options.poll().toMillis());
        }
        wait = true;
        if (!closing) {
          readNew(connection);
          if (!marks.isEmpty()) {
            mark(connection);
          }
          doHousekeeping(connection);
          state.worked();
          monitor.proved();
        }
      } catch (SQLException e) {
        LOG.debug("Could not read changes by other servers.", e);
        close(sql);
        sql = null;
        wait = false;
        if (!closing && !monitor.isAwayAfterCheck()) {
          state.failed(String.valueOf(PostgresFailures.notApplied(e).getMessage()), 1);
        }
        LockSupport.parkNanos(this, RECONNECT_NANOS);
      } catch (RuntimeException | Error e) {
        LOG.error("The change feed failed unexpectedly.", e);
        publisher.publishMissed();
        LockSupport.parkNanos(this, RECONNECT_NANOS);
      }
    }
    marks.giveUp();
    close(sql);
  }

  private static void await(Statements connection, int millis) throws SQLException {
    // Any number of notifications is one hint.
    connection.connection().unwrap(PGConnection.class).getNotifications(millis);
  }

  /** Publishes what has been committed since the last read. */
  private void readNew(Statements connection) throws SQLException {
    PostgresHistory.Touched touched = PostgresHistory.touched(connection, position, serverId);
    Duration away = Duration.ofNanos(System.nanoTime() - readNanos);
    if (away.compareTo(options.changesKept().dividedBy(2)) > 0) {
      LOG.warn(
          "This server was cut off from the database for {}. Watches read everything again.", away);
      publisher.publishMissed();
    } else {
      for (Map<JobKey, byte @Nullable []> some : ChangePublisher.slices(touched.jobs())) {
        publisher.publish(() -> PostgresHistory.current(connection, some));
      }
    }
    position = touched.snapshot();
    readNanos = System.nanoTime();
  }

  /**
   * Finds a position for those who wait for one. While this server's writer waits, the rest of what
   * others have committed is read in one snapshot: so it contains all that was published, and no
   * more.
   */
  private void mark(Statements connection) throws SQLException {
    List<Consumer<String>> waiting = marks.take();
    reached = "";
    boolean isDone = false;
    try {
      publisher.publish(
          () -> readInSnapshot(connection), () -> HistoryMarks.notify(waiting, reached));
      isDone = true;
    } finally {
      if (!isDone) {
        HistoryMarks.notify(waiting, "");
      }
    }
  }

  private List<Change> readInSnapshot(Statements connection) throws SQLException {
    connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    boolean isDone = false;
    try {
      PostgresHistory.Touched touched = PostgresHistory.touched(connection, position, serverId);
      List<Change> changes = PostgresHistory.current(connection, touched.jobs());
      reached = PostgresHistory.position(connection, touched.snapshot());
      connection.run("COMMIT");
      isDone = true;
      position = touched.snapshot();
      return changes;
    } finally {
      if (!isDone) {
        // The transaction ends with its connection.
        close(sql);
        sql = null;
      }
    }
  }

  /** Periodically sets the clock and deletes old changes. */
  private void doHousekeeping(Statements connection) throws SQLException {
    if (options.databaseTime()) {
      clock.setIfOld(() -> PostgresDatabase.now(connection));
    }
    if (System.nanoTime() - housekeepingNanos > options.changesKept().toNanos() / 60) {
      housekeepingNanos = System.nanoTime();
      while (changeTable.deleteOld(connection, options.changesKept(), MAX_DELETED) == MAX_DELETED) {
        LOG.debug("Deleting old changes.");
      }
    }
  }

  private static void close(@Nullable Statements connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        LOG.debug("Could not close a connection properly.", e);
      }
    }
  }

  /** Notifies other servers of the last commits, and stops. */
  void close() {
    closing = true;
    // Ends the wait for a notification, too.
    notifier.execute(this::hint);
    notifier.shutdown();
    Uninterruptibles.run(() -> notifier.awaitTermination(10, TimeUnit.SECONDS));
    close(hints);
    LockSupport.unpark(thread);
    Uninterruptibles.run(thread::join);
  }
}
