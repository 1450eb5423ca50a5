package dev.milepost.server.store.postgres;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.RecordUpgrade;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.CheckedCell;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.engine.PartState;
import dev.milepost.server.store.engine.StoreMonitor;
import dev.milepost.server.store.sql.JournalTail;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives what other servers commit. A notification is only a hint to read. The feed's position is
 * a transaction id below which all transactions have ended, so that no later commit can precede it.
 * Without a notification, the feed polls.
 */
final class PostgresFeed {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresFeed.class);

  /** Minimum interval between two notifications by this server. */
  private static final long DEBOUNCE_MILLIS = 2;

  /** Poll interval while there are changes that the position does not cover yet. */
  private static final int PENDING_POLL_MILLIS = 3;

  private static final long RECONNECT_NANOS = 200_000_000;
  private static final long AWAY_NANOS = 50_000_000;
  private static final int MAX_DELETED = 20_000;

  private static final String HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text";
  private static final String CHANGES =
      """
      SELECT tenant_id, id, before FROM change
      WHERE xid >= ?::xid8 AND xid < ?::xid8 AND server_id <> ? ORDER BY change_no
      """;
  private static final String PENDING =
      "SELECT EXISTS (SELECT 1 FROM change WHERE xid >= ?::xid8 AND server_id <> ?)";
  private static final String CURRENT =
      "SELECT tenant_id, id, tail, record, "
          + Rows.SPEC
          + " FROM job WHERE (tenant_id, id) IN (SELECT * FROM unnest(?::text[], ?::text[]))";

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
  private final AtomicBoolean notifying = new AtomicBoolean();
  private final ScheduledExecutorService notifier =
      Executors.newSingleThreadScheduledExecutor(ThreadFactories.daemon("milepost-store-notifier"));

  private volatile boolean closing;

  // Confined to the feed's thread after start.
  private @Nullable Statements sql;
  private @Nullable Statements hints;
  private String position = "";
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
        position = horizon(opened);
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
    int wait = 0;
    while (!closing) {
      if (monitor.isAway()) {
        LockSupport.parkNanos(this, AWAY_NANOS);
        continue;
      }
      try {
        Statements connection = sql == null ? connect() : sql;
        await(connection, wait);
        if (!closing) {
          wait = readNew(connection) ? PENDING_POLL_MILLIS : (int) options.poll().toMillis();
          doHousekeeping(connection);
          state.worked();
          monitor.proved();
        }
      } catch (SQLException e) {
        LOG.debug("Could not read changes by other servers.", e);
        close(sql);
        sql = null;
        wait = 0;
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
    close(sql);
  }

  private static void await(Statements connection, int millis) throws SQLException {
    if (millis > 0) {
      // Any number of notifications is one hint.
      connection.connection().unwrap(PGConnection.class).getNotifications(millis);
    }
  }

  /**
   * Publishes what has been committed since the last read.
   *
   * @return whether there are changes that cannot be published yet because an older transaction is
   *     still open
   */
  private boolean readNew(Statements connection) throws SQLException {
    String horizon = horizon(connection);
    Duration away = Duration.ofNanos(System.nanoTime() - readNanos);
    if (away.compareTo(options.changesKept().dividedBy(2)) > 0) {
      LOG.warn(
          "This server was cut off from the database for {}. Watches read everything again.", away);
      publisher.publishMissed();
    } else if (!horizon.equals(position)) {
      Map<JobKey, byte @Nullable []> touched = touched(connection, horizon);
      for (Map<JobKey, byte @Nullable []> some : ChangePublisher.slices(touched)) {
        publisher.publish(() -> current(connection, some));
      }
    }
    position = horizon;
    readNanos = System.nanoTime();
    return isPending(connection);
  }

  private static String horizon(Statements connection) throws SQLException {
    try (ResultSet row = connection.of(HORIZON).executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  private boolean isPending(Statements connection) throws SQLException {
    try (ResultSet row = connection.of(PENDING, position, serverId).executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Returns the jobs that other servers have changed since, each with its first previous state. */
  private Map<JobKey, byte @Nullable []> touched(Statements connection, String horizon)
      throws SQLException {
    Map<JobKey, byte @Nullable []> touched = new LinkedHashMap<>();
    try (ResultSet row = connection.of(CHANGES, position, horizon, serverId).executeQuery()) {
      while (row.next()) {
        JobKey key = new JobKey(row.getString(1), row.getString(2));
        if (!touched.containsKey(key)) {
          touched.put(key, row.getBytes(3));
        }
      }
    }
    return touched;
  }

  /**
   * Returns the changes to jobs, up to their current state, which may be newer than the position.
   * Those to jobs that cannot be read are left out: nobody can be shown them.
   */
  private static List<Change> current(Statements connection, Map<JobKey, byte @Nullable []> touched)
      throws SQLException {
    Map<JobKey, Change> changes = new LinkedHashMap<>();
    for (Map.Entry<JobKey, byte @Nullable []> job : touched.entrySet()) {
      JobRecord before = CheckedCell.before(job.getKey()).parse(job.getValue(), JobRecord.parser());
      changes.put(
          job.getKey(),
          new Change(
              job.getKey(),
              before == null ? null : RecordUpgrade.current(before),
              null,
              List.of()));
    }
    try (ResultSet row =
        PostgresTables.byKeys(connection, CURRENT, touched.keySet()).executeQuery()) {
      while (row.next()) {
        JobKey key = new JobKey(row.getString(1), row.getString(2));
        JobRecord after = Rows.job(row, 4, key);
        changes.computeIfPresent(
            key,
            (of, gone) ->
                after == null
                    ? null
                    : new Change(key, gone.before(), after, entries(key, row, gone.before())));
      }
    }
    return List.copyOf(changes.values());
  }

  /**
   * Returns the new entries that are in the job's row; listeners that need older ones read them.
   */
  private static List<JournalEntry> entries(JobKey key, ResultSet row, @Nullable JobRecord before) {
    long known = before == null ? 0 : before.getJob().getStatus().getJournalSequence();
    List<JournalEntry> entries = new ArrayList<>();
    try {
      JournalTail.stored(key, row.getBytes(3)).chunk().stream()
          .flatMap(tail -> tail.getEntriesList().stream())
          .filter(entry -> entry.getSequence() > known)
          .forEach(entries::add);
    } catch (SQLException e) {
      throw PostgresFailures.notApplied(e);
    }
    return entries;
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
