package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import org.jspecify.annotations.Nullable;

/**
 * A watched job: its latest record, the end of its journal, and the cursors that follow it.
 * Confined to the hub's executor.
 */
final class JobFeed {
  private final JobKey key;
  private final RecentEntries recent;
  private final CursorSet cursors;
  private @Nullable JobRecord latest;

  /**
   * Creates a feed that knows nothing yet.
   *
   * @param maxEntries entries of the journal that it keeps
   * @param onUnwatched called when its last cursor has gone
   */
  JobFeed(JobKey key, int maxEntries, Runnable onUnwatched) {
    this.key = key;
    this.recent = new RecentEntries(maxEntries);
    this.cursors = new CursorSet(onUnwatched);
  }

  JobKey key() {
    return key;
  }

  RecentEntries recent() {
    return recent;
  }

  CursorSet cursors() {
    return cursors;
  }

  /** Returns the latest known record; null until it is loaded. */
  @Nullable JobRecord latest() {
    return latest;
  }

  /** Takes in a record unless a later one is known: a read and a change may overtake each other. */
  void update(JobRecord record) {
    JobRecord known = latest;
    if (known == null) {
      latest = record;
    } else if (!Incarnation.isSame(known, record)) {
      if (Incarnation.isLater(record, known)) {
        begin(record);
      }
    } else if (record.getRevision() > known.getRevision()) {
      latest = record;
    }
  }

  /** Another job has the id now. */
  private void begin(JobRecord record) {
    recent.clear();
    latest = record;
  }

  /** Takes in a commit. */
  void update(Change change) {
    JobRecord after = change.after();
    if (after != null && latest != null && !Incarnation.isSame(latest, after)) {
      begin(after);
    }
    recent.add(change.entries());
    if (after != null) {
      update(after);
    }
  }
}
