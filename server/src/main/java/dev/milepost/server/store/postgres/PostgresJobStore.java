package dev.milepost.server.store.postgres;

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
import dev.milepost.server.store.StoreInfo;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.engine.ChangePublisher;
import dev.milepost.server.store.engine.EngineClock;
import dev.milepost.server.store.sql.CountReader;
import dev.milepost.server.store.sql.JobReader;
import dev.milepost.server.store.sql.PartReader;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobCount;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Keeps jobs in a PostgreSQL database, for as many servers as open it. What it acknowledges is as
 * durable as the database is set up to make it, which by its defaults survives the loss of power.
 *
 * <p>Changes of other servers are told to listeners a moment later than to the server that made
 * them. Where this server was cut off from the database for long, listeners hear that they may have
 * missed changes.
 */
public final class PostgresJobStore implements JobStore {
  private final PostgresDatabase database;
  private final StoreInfo info;
  private final int journalCap;
  private final Listeners listeners = new Listeners();
  private final PostgresReaders readers;
  private final PostgresFeed feed;
  private final PostgresWriter writer;
  private boolean closed;

  private PostgresJobStore(
      PostgresDatabase database,
      StoreInfo info,
      InstantSource clock,
      int journalCap,
      PostgresOptions options,
      CommitObserver observer)
      throws SQLException {
    this.database = database;
    this.info = info;
    this.journalCap = journalCap;
    this.readers = new PostgresReaders(database, options.readers(), options.queueLimit());
    UUID serverId = UUID.randomUUID();
    int slot = Math.floorMod(serverId.hashCode(), PostgresCountSlots.SLOTS);
    EngineClock databaseClock = new EngineClock(clock);
    PostgresChangeTable changeTable = new PostgresChangeTable(serverId);
    ChangePublisher publisher = new ChangePublisher(listeners);
    this.feed =
        new PostgresFeed(database, serverId, options, databaseClock, changeTable, publisher);
    this.writer =
        new PostgresWriter(
            database,
            databaseClock,
            options,
            journalCap,
            slot,
            changeTable,
            publisher,
            feed::committed,
            observer);
    feed.start();
    writer.start();
  }

  /**
   * Opens a store; makes its tables, or brings them to this version. Blocks.
   *
   * @param url where the database is: {@code postgresql://user:password@host:port/database}, with
   *     the driver's parameters after a question mark. {@code currentSchema} is the schema that the
   *     tables lie in, {@code milepost} unless it is given
   * @param clock this machine's time; the database's decides
   * @param journalCap entries of a journal kept of each kind
   * @param observer is told of every commit
   * @throws dev.milepost.server.store.StoreException where the database cannot be used; the message
   *     says what to do, and repeats no password
   */
  public static PostgresJobStore open(
      String url, InstantSource clock, int journalCap, CommitObserver observer) {
    return open(url, clock, journalCap, PostgresOptions.STANDARD, observer);
  }

  static PostgresJobStore open(
      String url,
      InstantSource clock,
      int journalCap,
      PostgresOptions options,
      CommitObserver observer) {
    PostgresUrl parsed = PostgresUrl.of(url);
    PostgresDatabase database = PostgresDatabase.open(parsed, options.readers());
    try {
      return new PostgresJobStore(
          database, info(database, parsed), clock, journalCap, options, observer);
    } catch (SQLException e) {
      database.close();
      throw PostgresFailures.notApplied(e);
    }
  }

  private static StoreInfo info(PostgresDatabase database, PostgresUrl url) throws SQLException {
    try (Statements sql = database.connect()) {
      boolean flushes = !PostgresDatabase.setting(sql, "synchronous_commit").equals("off");
      boolean disk = PostgresDatabase.setting(sql, "fsync").equals("on");
      String note;
      if (!disk) {
        note = "What is acknowledged is lost with the machine's power: the database has fsync off.";
      } else if (!flushes) {
        note =
            "What is acknowledged last is lost when the database crashes: it has synchronous_commit"
                + " off.";
      } else {
        note = "What is acknowledged has been written to the database's disk.";
      }
      return new StoreInfo(
          "postgresql",
          url.location(),
          disk && flushes ? StoreInfo.Durability.DURABLE : StoreInfo.Durability.CONFIGURED,
          note);
    }
  }

  @Override
  public StoreInfo info() {
    return info;
  }

  @Override
  public <R> CompletionStage<R> update(Selection selection, Function<Found, Decision<R>> decide) {
    return writer.update(selection, decide);
  }

  @Override
  public CompletionStage<List<JobRecord>> get(Collection<JobKey> keys) {
    List<JobKey> wanted = List.copyOf(keys);
    return readers.read(sql -> new JobReader(sql).get(wanted));
  }

  @Override
  public CompletionStage<JobPage> list(JobQuery query) {
    return readers.read(sql -> new JobReader(sql).list(query));
  }

  @Override
  public CompletionStage<List<JobCount>> count(CountQuery query) {
    return readers.read(sql -> new CountReader(sql).count(query));
  }

  @Override
  public CompletionStage<JournalPage> journal(JournalQuery query) {
    return readers.read(sql -> new PartReader(sql, journalCap).journal(query));
  }

  @Override
  public CompletionStage<ItemPage> items(ItemQuery query) {
    return readers.read(sql -> new PartReader(sql, journalCap).items(query));
  }

  @Override
  public CompletionStage<DueJobs> due(Instant now, int limit) {
    return readers.read(sql -> new JobReader(sql).due(now, limit));
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
      feed.close();
      readers.close();
      database.close();
    }
  }
}
