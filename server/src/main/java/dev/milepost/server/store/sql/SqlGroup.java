package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.DecisionCheck;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.engine.ChangeLog;
import dev.milepost.server.store.engine.PendingUpdate;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A group of updates that are committed together. Decisions are made one after the other on the
 * jobs in memory: each sees the previous ones, and one that fails leaves no trace. Each job is
 * written once, at the end. Used once, by the writer.
 */
public final class SqlGroup {
  private final Tables tables;
  private final InstantSource clock;
  private final Map<JobKey, SqlGroupJob> jobs = new HashMap<>();
  private final Set<SqlGroupJob> unwritten = new LinkedHashSet<>();
  private final Map<RequestKey, RequestRecord> requests = new LinkedHashMap<>();
  private final ChangeLog changes = new ChangeLog();
  private boolean begun;
  private int rows;

  /** A group without updates. */
  public SqlGroup(Tables tables, InstantSource clock) {
    this.tables = tables;
    this.clock = clock;
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
      found = find(update.selection());
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

  private Found find(Selection selection) throws SQLException {
    Instant now = clock.instant();
    @Nullable RequestRecord request = request(selection, now);
    if (request == null
        && selection instanceof Selection.Named named
        && named.itemIds().isEmpty()
        && named.keys().size() == 1) {
      return found(now, named);
    }
    List<JobRecord> found = new ArrayList<>();
    Map<String, Item> items = Map.of();
    if (selection instanceof Selection.Named named) {
      if (named.areNew()) {
        named.keys().forEach(key -> jobs.putIfAbsent(key, new SqlGroupJob(key, null)));
      }
      collect(named.keys(), found);
      items = items(named);
    } else if (selection instanceof Selection.Claimable claimable && request == null) {
      begin();
      collect(tables.claimable(claimable.query()), found);
    }
    if (request != null) {
      List<JobKey> others = new ArrayList<>(selection.jobsOf(request));
      found.forEach(job -> others.remove(JobKey.of(job)));
      collect(others, found);
    }
    return new Found(now, found, parents(found), items, Optional.ofNullable(request));
  }

  private List<JobRecord> parents(List<JobRecord> found) throws SQLException {
    List<JobKey> keys = Found.parentsOf(found);
    if (keys.isEmpty()) {
      return List.of();
    }
    List<JobRecord> parents = new ArrayList<>();
    collect(keys, parents);
    return parents;
  }

  /** Finds a single job without items: the common case. */
  private Found found(Instant now, Selection.Named one) throws SQLException {
    JobKey key = one.keys().get(0);
    if (one.areNew()) {
      jobs.putIfAbsent(key, new SqlGroupJob(key, null));
    }
    JobRecord record = job(key).record();
    List<JobRecord> found = record == null ? List.of() : List.of(record);
    return new Found(now, found, parents(found), Map.of(), Optional.empty());
  }

  private Map<String, Item> items(Selection.Named named) throws SQLException {
    if (named.itemIds().isEmpty()) {
      return Map.of();
    }
    begin();
    Map<String, Item> items = new HashMap<>();
    for (String id : named.itemIds()) {
      Item item = job(named.keys().get(0)).item(id, tables.items());
      if (item != null) {
        items.put(id, item);
      }
    }
    return items;
  }

  private @Nullable RequestRecord request(Selection selection, Instant now) throws SQLException {
    RequestKey key = selection.request().orElse(null);
    if (key == null) {
      return null;
    }
    RequestRecord inGroup = requests.get(key);
    if (inGroup != null) {
      return inGroup;
    }
    begin();
    return tables.findRequest(key, now);
  }

  private void collect(List<JobKey> keys, List<JobRecord> found) throws SQLException {
    for (JobKey key : keys) {
      JobRecord record = job(key).record();
      if (record != null) {
        found.add(record);
      }
    }
  }

  private SqlGroupJob job(JobKey key) throws SQLException {
    SqlGroupJob job = jobs.get(key);
    if (job == null) {
      StoredJob stored = tables.known(key);
      job = new SqlGroupJob(key, stored == null ? read(key) : stored);
      jobs.put(key, job);
    }
    return job;
  }

  private @Nullable StoredJob read(JobKey key) throws SQLException {
    begin();
    return tables.find(key);
  }

  private void apply(JobDecision change) throws SQLException {
    SqlGroupJob job = job(change.key());
    if (change instanceof JobDecision.Put put) {
      if (job.isGone()) {
        // The new job is a different one: it has its own row, number and items.
        writeJobs();
      }
      changes.put(job.record(), put);
      job.put(put);
      unwritten.add(job);
    } else if (change instanceof JobDecision.Remove) {
      changes.remove(job.record(), job.key());
      job.remove();
      // If the job is created again in this group, it comes after those created meanwhile.
      unwritten.remove(job);
      if (job.stored() != null) {
        unwritten.add(job);
      }
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
      tables.writeCounts();
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
      tables.flush();
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
      tables.committed(job.key(), job.stored());
    }
    return changes.changes();
  }

  /** Returns the changes that were decided so far, one for each job. */
  public List<Change> changes() {
    return changes.changes();
  }
}
