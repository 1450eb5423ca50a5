package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One watched job: its latest record, the end of its journal, and who watches. Confined to the
 * hub's thread.
 */
final class JobFeed {
  private final JobKey key;
  private final RecentEntries recent;
  private final Set<Watcher> watchers = new LinkedHashSet<>();
  private @Nullable JobRecord latest;

  JobFeed(JobKey key, int entriesKept) {
    this.key = key;
    this.recent = new RecentEntries(entriesKept);
  }

  JobKey key() {
    return key;
  }

  RecentEntries recent() {
    return recent;
  }

  Set<Watcher> watchers() {
    return watchers;
  }

  /** The job as last heard of; null until it is loaded. */
  @Nullable JobRecord latest() {
    return latest;
  }

  /**
   * Takes in a record, unless a later one is known already: a read and a change may overtake each
   * other.
   */
  void learn(JobRecord record) {
    if (latest == null || record.getRevision() > latest.getRevision()) {
      latest = record;
    }
  }

  /** Takes in a commit. */
  void apply(Change change) {
    recent.add(change.entries());
    if (change.after() != null) {
      learn(change.after());
    }
  }

  /** Lets every watcher read on. */
  void signalAll() {
    for (Watcher watcher : List.copyOf(watchers)) {
      watcher.drain();
    }
  }

  /** Ends every watch. */
  void failAll(Throwable reason) {
    for (Watcher watcher : List.copyOf(watchers)) {
      watcher.fail(reason);
    }
  }
}
