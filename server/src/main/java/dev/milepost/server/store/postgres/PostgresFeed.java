package dev.milepost.server.store.postgres;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.sql.JournalTail;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JournalEntry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
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
 * Hears what other servers commit. A notification is a hint to look; what counts is a position: a
 * transaction number below which all have ended, so that no commit that comes later can lie before
 * it. Where no notification comes, it looks by itself.
 */
final class PostgresFeed {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresFeed.class);

  /** Notifications of one server come no closer than this. */
  private static final long DEBOUNCE_MILLIS = 2;

  /** So soon it looks again where something is there that is not behind the position yet. */
  private static final int SOON_MILLIS = 3;

  private static final long RECONNECT_NANOS = 200_000_000;
  private static final int MOST_FORGOTTEN = 20_000;

  private static final String NOW = "SELECT clock_timestamp()";
  private static final String HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text";
  private static final String CHANGES =
      """
      SELECT tenant_id, id, before FROM change
      WHERE xid >= ?::xid8 AND xid < ?::xid8 AND server_id <> ? ORDER BY change_no
      """;
  private static final String PENDING =
      "SELECT EXISTS (SELECT 1 FROM change WHERE xid >= ?::xid8 AND server_id <> ?)";
  private static final String CURRENT =
      "SELECT tenant_id, id, tail, status, "
          + Rows.SPEC
          + " FROM job WHERE (tenant_id, id) IN (SELECT * FROM unnest(?::text[], ?::text[]))";

  private final PostgresDatabase database;
  private final UUID serverId;
  private final PostgresOptions options;
  private final EngineClock clock;
  private final PostgresChangeTable changeTable;
  private final ChangePublisher publisher;
  private final String channel;
  private final Thread thread = ThreadFactories.daemon("milepost-store-feed").newThread(this::run);
  private final AtomicBoolean notifying = new AtomicBoolean();
  private final ScheduledExecutorService notifier =
      Executors.newSingleThreadScheduledExecutor(ThreadFactories.daemon("milepost-store-notifier"));

  private volatile boolean closing;

  // Confined to the feed's thread, once it has started.
  private @Nullable Statements sql;
  private @Nullable Statements hints;
  private String position = "";
  private long readNanos;
  private long forgotNanos = System.nanoTime();

  PostgresFeed(
      PostgresDatabase database,
      UUID serverId,
      PostgresOptions options,
      EngineClock clock,
      PostgresChangeTable changeTable,
      ChangePublisher publisher) {
    this.database = database;
    this.serverId = serverId;
    this.options = options;
    this.clock = clock;
    this.changeTable = changeTable;
    this.publisher = publisher;
    this.channel = "milepost_" + database.url().schema();
  }

  /** Finds its position, and hears of all that is committed from now on. */
  void start() throws SQLException {
    connect();
    thread.start();
  }

  /** This server has committed something: the others are to look. */
  void committed() {
    if (!notifying.getAndSet(true)) {
      try {
        var unused = notifier.schedule(this::hint, DEBOUNCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("A notification was overtaken by the end of the store.");
      }
    }
  }

  /** A hint that is lost costs others a moment, and nothing else. */
  private void hint() {
    notifying.set(false);
    try {
      Statements by = hints;
      if (by == null) {
        by = database.connect();
        hints = by;
      }
      by.run("NOTIFY " + channel);
    } catch (SQLException e) {
      LOG.debug("Other servers could not be notified.", e);
      close(hints);
      hints = null;
    }
  }

  private Statements connect() throws SQLException {
    Statements opened = database.connect();
    try {
      opened.run("LISTEN " + channel);
      if (options.databaseTime()) {
        clock.set(() -> now(opened));
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
      try {
        Statements by = sql == null ? connect() : sql;
        await(by, wait);
        if (!closing) {
          wait = readOn(by) ? SOON_MILLIS : (int) options.poll().toMillis();
          keepHouse(by);
        }
      } catch (SQLException e) {
        if (!closing) {
          LOG.warn("Changes of other servers cannot be read: trying again. ({})", e.getMessage());
        }
        close(sql);
        sql = null;
        wait = 0;
        LockSupport.parkNanos(this, RECONNECT_NANOS);
      } catch (RuntimeException e) {
        LOG.error("The feed failed in an unforeseen way.", e);
        publisher.publishMissed();
        LockSupport.parkNanos(this, RECONNECT_NANOS);
      }
    }
    close(sql);
  }

  private static void await(Statements by, int millis) throws SQLException {
    if (millis > 0) {
      // What has come meanwhile is one hint, however often it came.
      by.connection().unwrap(PGConnection.class).getNotifications(millis);
    }
  }

  /**
   * Tells of what has been committed since.
   *
   * @return whether more is there that cannot be told yet, as an older transaction is under way
   */
  private boolean readOn(Statements by) throws SQLException {
    String horizon = horizon(by);
    Duration away = Duration.ofNanos(System.nanoTime() - readNanos);
    if (away.compareTo(options.changesKept().dividedBy(2)) > 0) {
      LOG.warn("This server was cut off for {}: who watches looks at everything again.", away);
      publisher.publishMissed();
    } else if (!horizon.equals(position)) {
      Map<JobKey, byte @Nullable []> touched = touched(by, horizon);
      if (!touched.isEmpty()) {
        publish(by, touched);
      }
    }
    position = horizon;
    readNanos = System.nanoTime();
    return isPending(by);
  }

  /** A row that cannot be read must not keep all later changes from being told. */
  private void publish(Statements by, Map<JobKey, byte @Nullable []> touched) throws SQLException {
    try {
      publisher.publish(() -> current(by, touched));
    } catch (StoreException e) {
      LOG.error("A change of another server cannot be read.", e);
      publisher.publishMissed();
    }
  }

  private static Instant now(Statements by) throws SQLException {
    try (ResultSet row = by.of(NOW).executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  private static String horizon(Statements by) throws SQLException {
    try (ResultSet row = by.of(HORIZON).executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  private boolean isPending(Statements by) throws SQLException {
    PreparedStatement pending = by.of(PENDING);
    pending.setString(1, position);
    pending.setObject(2, serverId);
    try (ResultSet row = pending.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Jobs that others changed since, each with what it was at first. */
  private Map<JobKey, byte @Nullable []> touched(Statements by, String horizon)
      throws SQLException {
    Map<JobKey, byte @Nullable []> touched = new LinkedHashMap<>();
    PreparedStatement changes = by.of(CHANGES);
    changes.setString(1, position);
    changes.setString(2, horizon);
    changes.setObject(3, serverId);
    try (ResultSet row = changes.executeQuery()) {
      while (row.next()) {
        JobKey key = new JobKey(row.getString(1), row.getString(2));
        if (!touched.containsKey(key)) {
          touched.put(key, row.getBytes(3));
        }
      }
    }
    return touched;
  }

  /** What has become of jobs: as they are now, which may be later than what was told of. */
  private static List<Change> current(Statements by, Map<JobKey, byte @Nullable []> touched)
      throws SQLException {
    Map<JobKey, Change> changes = new LinkedHashMap<>();
    for (Map.Entry<JobKey, byte @Nullable []> job : touched.entrySet()) {
      JobRecord before = Rows.message(job.getValue(), JobRecord.parser(), "a job");
      changes.put(job.getKey(), new Change(job.getKey(), before, null, List.of()));
    }
    PreparedStatement current = by.of(CURRENT);
    Object[] tenants = touched.keySet().stream().map(JobKey::tenantId).toArray();
    Object[] ids = touched.keySet().stream().map(JobKey::jobId).toArray();
    current.setArray(1, by.connection().createArrayOf("text", tenants));
    current.setArray(2, by.connection().createArrayOf("text", ids));
    try (ResultSet row = current.executeQuery()) {
      while (row.next()) {
        JobKey key = new JobKey(row.getString(1), row.getString(2));
        JobRecord after = Rows.job(row, 4);
        changes.computeIfPresent(
            key, (of, gone) -> new Change(key, gone.before(), after, entries(row, gone.before())));
      }
    }
    return List.copyOf(changes.values());
  }

  /** New entries, as far as they lie in the job's row: who needs others reads them. */
  private static List<JournalEntry> entries(ResultSet row, @Nullable JobRecord before) {
    long known = before == null ? 0 : before.getJob().getStatus().getJournalSequence();
    List<JournalEntry> entries = new ArrayList<>();
    try {
      for (JournalEntry entry : JournalTail.stored(row.getBytes(3)).chunk().getEntriesList()) {
        if (entry.getSequence() > known) {
          entries.add(entry);
        }
      }
    } catch (SQLException e) {
      throw PostgresFailures.notApplied(e);
    }
    return entries;
  }

  /** Now and then: the time, and what was told long ago. */
  private void keepHouse(Statements by) throws SQLException {
    if (System.nanoTime() - forgotNanos > options.changesKept().toNanos() / 60) {
      forgotNanos = System.nanoTime();
      if (options.databaseTime()) {
        clock.set(() -> now(by));
      }
      while (changeTable.forget(by, options.changesKept(), MOST_FORGOTTEN) == MOST_FORGOTTEN) {
        LOG.debug("Forgetting what was told.");
      }
    }
  }

  private static void close(@Nullable Statements by) {
    if (by != null) {
      try {
        by.close();
      } catch (SQLException e) {
        LOG.debug("A connection was closed after a failure.", e);
      }
    }
  }

  /** Tells others of what was committed last, and stops. */
  void close() {
    closing = true;
    notifier.shutdown();
    Uninterruptibles.run(() -> notifier.awaitTermination(10, TimeUnit.SECONDS));
    close(hints);
    LockSupport.unpark(thread);
    Uninterruptibles.run(thread::join);
  }
}
