package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DecisionCheck;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.engine.ChangeLog;
import dev.milepost.server.store.engine.JobSource;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A group of updates that are committed together. Decisions are made one after the other on the
 * jobs in memory: each sees the previous ones, and one that fails leaves no trace. Each job is
 * written once, at the end. Used once, by the writer.
 */
public final class SqlGroup {
  /**
   * Bytes of memory that the jobs of a group may use, apart from what its last updates add, unless
   * the engine says otherwise.
   */
  public static final long MAX_BYTES = 64 << 20;

  /**
   * How often a claim reads its index again because it found jobs that cannot be read. A further
   * claim continues, as each takes them out of the index.
   */
  private static final int MAX_CLAIM_READS = 20;

  private final SqlTables tables;
  private final StoreClock clock;
  private final long maxBytes;
  private final Map<JobKey, SqlGroupJob> jobs = new HashMap<>();
  private final Set<SqlGroupJob> unwritten = new LinkedHashSet<>();
  private final Map<RequestKey, RequestRecord> requests = new LinkedHashMap<>();
  private final ChangeLog changes = new ChangeLog();
  private final JobSource<SQLException> source = new Source();
  private boolean begun;
  private int rows;
  private long weight;

  /** A group without updates. */
  public SqlGroup(SqlTables tables, StoreClock clock) {
    this(tables, clock, MAX_BYTES);
  }

  /**
   * A group without updates.
   *
   * @param maxBytes memory that its jobs may use before it {@linkplain #isLarge() is large}
   */
  public SqlGroup(SqlTables tables, StoreClock clock, long maxBytes) {
    this.tables = tables;
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  /**
   * Decides on one update and settles it.
   *
   * @throws SQLException if the whole group has failed
   */
  public <R> void decide(PendingUpdate<R> update) throws SQLException {
    if (update.selection() instanceof Selection.Claimable) {
      // The index that a claim reads must include what earlier decisions did. New jobs are all
      // written, in their order: they get their numbers when they are written.
      write(job -> job.stored() == null || job.isQueuedOrWas());
    }
    Found found;
    Decision<R> decision;
    try {
      found = source.find(update.selection(), clock.read());
      decision = update.decide(found);
      DecisionCheck.requireSound(update.selection(), found, decision);
    } catch (SQLException e) {
      if (!tables.isDamage(e)) {
        throw e;
      }
      tables.recover();
      update.fail(tables.notApplied(e));
      return;
    } catch (Throwable e) {
      // The failure concerns this decision only.
      update.fail(e);
      return;
    }
    for (JobDecision change : decision.changes()) {
      apply(change);
    }
    if (decision.request().isPresent()) {
      requests.put(update.selection().request().orElseThrow(), decision.request().get());
    }
    update.succeed(decision.result());
  }

  /** Finds jobs as earlier decisions of the group left them. */
  private final class Source implements JobSource<SQLException> {
    @Override
    public @Nullable JobRecord job(JobKey key, boolean isNew) throws SQLException {
      return groupJob(key, isNew).record();
    }

    @Override
    public @Nullable UnreadableJob unreadable(JobKey key) throws SQLException {
      return groupJob(key, false).unreadable();
    }

    @Override
    public List<JobKey> claimable(ClaimQuery query) throws SQLException {
      begin();
      List<JobKey> passed = new ArrayList<>();
      List<JobKey> best = tables.claimable(query);
      for (int reads = 1;
          passUnreadable(best, query.maxBytes(), passed) && reads < MAX_CLAIM_READS;
          reads++) {
        best = tables.claimable(query.atMost(ClaimQuery.MAX_LIMIT));
      }
      best.removeAll(passed);
      List<JobKey> all = new ArrayList<>(best.subList(0, Math.min(query.limit(), best.size())));
      all.addAll(passed);
      return all;
    }

    /**
     * Takes jobs that cannot be read out of the index, so that no later claim reads them again.
     * Returns whether there were any, so that others may have moved up. Reads no more than the
     * claim takes.
     */
    private boolean passUnreadable(List<JobKey> best, long maxBytes, List<JobKey> passed)
        throws SQLException {
      int before = passed.size();
      long bytes = 0;
      for (JobKey key : best) {
        if (bytes > maxBytes) {
          break;
        }
        SqlGroupJob job = groupJob(key, false);
        StoredJob stored = job.stored();
        if (stored != null && job.unreadable() != null) {
          tables.jobs().withholdFromClaims(stored.number());
          rows++;
          passed.add(key);
        } else if (job.record() != null) {
          bytes += ClaimQuery.weight(job.record().getSerializedSize());
        }
      }
      return passed.size() > before;
    }

    @Override
    public Map<String, Item> items(JobKey key, Set<String> ids) throws SQLException {
      begin();
      Map<String, Item> items = new HashMap<>();
      for (String id : ids) {
        Item item = groupJob(key, false).item(id, tables.items());
        if (item != null) {
          items.put(id, item);
        }
      }
      return items;
    }

    @Override
    public @Nullable RequestRecord request(RequestKey key, Instant now) throws SQLException {
      RequestRecord inGroup = requests.get(key);
      if (inGroup != null) {
        return inGroup;
      }
      begin();
      return tables.findRequest(key, now);
    }
  }

  private SqlGroupJob groupJob(JobKey key, boolean isNew) throws SQLException {
    SqlGroupJob job = jobs.get(key);
    if (job == null) {
      StoredJob stored = isNew ? null : tables.known(key);
      if (stored == null && !isNew) {
        begin();
        stored = tables.find(key);
      }
      weight += stored == null ? 0 : stored.weight();
      job = new SqlGroupJob(key, stored);
      jobs.put(key, job);
    }
    return job;
  }

  private void apply(JobDecision change) throws SQLException {
    SqlGroupJob job = groupJob(change.key(), false);
    if (change instanceof JobDecision.Put put) {
      if (job.isGone()) {
        // The new job is a different one: it has its own row, number and items.
        writeJobs();
      }
      changes.put(job.record(), put);
      if (job.record() == null) {
        weight += put.record().getJob().getSpec().getSerializedSize();
      }
      job.put(put);
      unwritten.add(job);
    } else if (change instanceof JobDecision.Postpone postpone) {
      postpone(job, postpone.wakeTime());
    } else if (change instanceof JobDecision.MarkFailed) {
      begin();
      job.markFailed(tables);
      rows++;
    } else if (change instanceof JobDecision.Remove) {
      changes.remove(job.record(), job.key(), job.unreadable() != null);
      job.remove();
      // If the job is created again in this group, it comes after those created meanwhile.
      unwritten.remove(job);
      if (job.stored() != null) {
        unwritten.add(job);
      }
    }
  }

  private void postpone(SqlGroupJob job, Instant wakeTime) throws SQLException {
    if (unwritten.contains(job)) {
      writeJobs();
    }
    StoredJob stored = job.stored();
    if (stored != null) {
      begin();
      tables.jobs().postpone(stored.number(), wakeTime);
      rows++;
    }
  }

  /** Writes everything that was decided. */
  public void write() throws SQLException {
    writeJobs();
    if (!requests.isEmpty()) {
      begin();
      for (Map.Entry<RequestKey, RequestRecord> request : requests.entrySet()) {
        tables.putRequest(request.getKey(), request.getValue(), clock.instant());
      }
      tables.deleteExpiredRequests(clock.instant(), 2 * requests.size());
      rows += 2 * requests.size();
    }
    if (begun) {
      tables.counts().write();
    }
  }

  /**
   * Writes new jobs only. They rarely change again within the group, whereas a job in progress may,
   * and is written once.
   */
  public void writeNew() throws SQLException {
    write(job -> job.stored() == null);
  }

  private void writeJobs() throws SQLException {
    write(job -> true);
  }

  private void write(Predicate<SqlGroupJob> which) throws SQLException {
    int wanted = 0;
    for (SqlGroupJob job : unwritten) {
      wanted += job.stored() == null && which.test(job) ? 1 : 0;
    }
    for (Iterator<SqlGroupJob> each = unwritten.iterator(); each.hasNext(); ) {
      SqlGroupJob job = each.next();
      if (which.test(job)) {
        begin();
        if (job.stored() == null) {
          job.write(tables, wanted--);
        } else {
          job.write(tables, wanted);
        }
        rows += 2;
        each.remove();
      }
    }
    if (begun) {
      tables.sql().flush();
    }
  }

  /**
   * Begins the transaction, before the first read: without a transaction, each read would acquire
   * and release the database's locks.
   */
  private void begin() throws SQLException {
    if (!begun) {
      tables.begin();
      begun = true;
    }
  }

  /** Whether the jobs of this group use so much memory that it should be committed. */
  public boolean isLarge() {
    return weight > maxBytes;
  }

  /** Whether something was written that must become durable. */
  public boolean hasWritten() {
    return rows > 0;
  }

  /** Whether there is a transaction to end, which may have been read-only. */
  public boolean isBegun() {
    return begun;
  }

  /** Approximate number of pages that the group has modified. */
  public int pages() {
    return rows;
  }

  /** Returns the changes after the commit, and updates what the tables know of the jobs. */
  public List<Change> committed() {
    for (SqlGroupJob job : jobs.values()) {
      StoredJob stored = job.stored();
      tables.committed(job.key(), stored != null && stored.isReadable() ? stored : null);
    }
    return changes.changes();
  }

  /** Returns the changes that were decided so far, one for each job. */
  public List<Change> changes() {
    return changes.changes();
  }
}
