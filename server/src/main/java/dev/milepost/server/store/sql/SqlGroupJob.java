package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.JournalRuns;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A job within a group: as the transaction has it, and what was decided since. */
final class SqlGroupJob {
  private final JobKey key;
  private @Nullable StoredJob stored;
  private @Nullable JobRecord record;
  private @Nullable UnreadableJob unreadable;
  private final List<JournalEntry> entries = new ArrayList<>();
  private final Map<String, Item> items = new LinkedHashMap<>();

  /** A job as it was found; null if it does not exist. */
  SqlGroupJob(JobKey key, @Nullable StoredJob stored) {
    this.key = key;
    this.stored = stored;
    this.record = stored == null || !stored.isReadable() ? null : stored.record();
    this.unreadable = stored == null ? null : stored.unreadable();
  }

  JobKey key() {
    return key;
  }

  /** The job as the transaction has it; null if it does not exist there. */
  @Nullable StoredJob stored() {
    return stored;
  }

  /** The job as decided; null if it does not exist or cannot be read. */
  @Nullable JobRecord record() {
    return record;
  }

  /** What is known of the job if it exists and cannot be read; otherwise null. */
  @Nullable UnreadableJob unreadable() {
    return unreadable;
  }

  /** Whether the job is queued, or is in the transaction: only such jobs matter to a claim. */
  boolean isQueuedOrWas() {
    return isQueued(record) || (stored != null && isQueued(stored.record()));
  }

  private static boolean isQueued(@Nullable JobRecord job) {
    return job != null && job.getJob().getStatus().getState() == JobState.JOB_STATE_QUEUED;
  }

  /** Whether the job exists in the transaction, but is decided to be removed. */
  boolean isGone() {
    return stored != null && record == null && unreadable == null;
  }

  /** An item as decided; null if there is none. */
  @Nullable Item item(String id, ItemTable table) throws SQLException {
    Item item = items.get(id);
    return item == null && stored != null ? table.find(stored.number(), id) : item;
  }

  void put(JobDecision.Put put) {
    record = put.record();
    entries.addAll(put.entries());
    put.items().forEach(item -> items.put(item.getId(), item));
  }

  /** Writes that a job that cannot be read counts as failed. */
  void markFailed(SqlTables tables) throws SQLException {
    StoredJob before = Objects.requireNonNull(stored);
    StoredJob after = before.markedFailed();
    tables.jobs().markFailed(before.number());
    count(tables.counts(), before.record(), after.record());
    stored = after;
    unreadable = after.unreadable();
  }

  void remove() {
    record = null;
    unreadable = null;
    entries.clear();
    items.clear();
  }

  /**
   * Writes what was decided: one row for the job, however much that was.
   *
   * @param wanted number of new jobs that are about to be written, including this one
   */
  void write(SqlTables tables, int wanted) throws SQLException {
    StoredJob before = stored;
    JobRecord after = record;
    count(tables.counts(), before == null ? null : before.record(), after);
    if (after == null) {
      if (before != null) {
        tables.jobs().delete(before.number());
        tables.texts().delete(before.number());
        removeTerms(tables, before);
      }
      stored = null;
      return;
    }
    long number = before == null ? tables.nextNumber(wanted) : before.number();
    JournalTail tail = tables.journal().sealIfLong(number, after, tail(before, after), entries);
    StoredJob written = new StoredJob(number, after, tail);
    if (before == null) {
      tables.jobs().insert(written);
    } else {
      tables.jobs().update(before, written);
    }
    Job previous = before == null ? null : before.record().getJob();
    tables.terms().change(number, previous, after.getJob());
    tables.texts().change(number, previous, after.getJob());
    for (Item item : items.values()) {
      tables.items().put(number, item);
    }
    stored = written;
    entries.clear();
    items.clear();
  }

  private void removeTerms(SqlTables tables, StoredJob before) throws SQLException {
    if (before.isReadable()) {
      tables.terms().change(before.number(), before.record().getJob(), null);
    } else {
      tables.terms().removeAll(key.tenantId(), before.number());
    }
  }

  private static void count(
      CountTable counts, @Nullable JobRecord before, @Nullable JobRecord after) {
    if (before != null && after != null && isCountedAlike(before, after)) {
      return;
    }
    if (before != null) {
      counts.add(CountCell.of(before), CellCount.of(before).negated());
    }
    if (after != null) {
      counts.add(CountCell.of(after), CellCount.of(after));
    }
  }

  private static boolean isCountedAlike(JobRecord before, JobRecord after) {
    return CellCount.of(before).equals(CellCount.of(after))
        && CountCell.of(before).equals(CountCell.of(after));
  }

  private JournalTail tail(@Nullable StoredJob before, JobRecord after) {
    if (before == null) {
      return JournalTail.of(
          JournalRuns.endingAt(after.getJob().getStatus().getLogCounts(), entries));
    }
    return entries.isEmpty() ? before.tail() : before.tail().with(entries);
  }
}
