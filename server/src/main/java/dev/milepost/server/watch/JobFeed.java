package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One watched job: its latest record, the end of its journal, and who watches. Confined to the
 * hub's lane.
 */
final class JobFeed {
  private final JobKey key;
  private final RecentEntries recent;
  private final List<JobWatcher> watchers = new ArrayList<>();
  private @Nullable JobRecord latest;

  /** How many watch; whoever asks from elsewhere gets a number that was true a moment ago. */
  private volatile int size;

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

  /** All who watch now; what becomes of them later does not change it. */
  List<JobWatcher> watchers() {
    return List.copyOf(watchers);
  }

  int size() {
    return size;
  }

  boolean isWatched() {
    return !watchers.isEmpty();
  }

  void add(JobWatcher watcher) {
    watcher.takePlace(watchers.size());
    watchers.add(watcher);
    size = watchers.size();
  }

  /** The last takes its place, so that it costs the same however many there are. */
  void remove(JobWatcher watcher) {
    JobWatcher last = watchers.remove(watchers.size() - 1);
    if (last != watcher) {
      watchers.set(watcher.place(), last);
      last.takePlace(watcher.place());
    }
    size = watchers.size();
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
    for (JobWatcher watcher : watchers()) {
      watcher.drain();
    }
  }

  /** Ends every watch. */
  void failAll(Throwable reason) {
    for (JobWatcher watcher : watchers()) {
      watcher.fail(reason);
    }
  }
}
