package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has lately become of jobs, in numbered batches: all who watch read the same, each at its own
 * position. In a batch a job stands once, however often it has changed meanwhile. Confined to its
 * hub's lane.
 */
final class ChangeBatches {
  private final int mostChanges;
  private final ArrayDeque<List<Net>> closed = new ArrayDeque<>();
  private final Map<JobKey, Net> open = new LinkedHashMap<>();
  private long first = 1;
  private int changes;

  /**
   * None yet.
   *
   * @param mostChanges changes that are kept; the oldest batches go first
   */
  ChangeBatches(int mostChanges) {
    this.mostChanges = mostChanges;
  }

  /**
   * What a batch did to a job. One that came and went within it is there too: somebody may have
   * seen it.
   *
   * @param before the job before the batch; null where it is new
   * @param after the job after it; null where it is gone
   */
  record Net(JobKey key, @Nullable JobRecord before, @Nullable JobRecord after) {}

  /** Takes in commits; whether the open batch was empty before. */
  boolean gather(List<Change> committed) {
    boolean wasEmpty = open.isEmpty();
    for (Change change : committed) {
      open.merge(
          change.key(),
          new Net(change.key(), change.before(), change.after()),
          (earlier, later) -> new Net(change.key(), earlier.before(), later.after()));
    }
    return wasEmpty && !open.isEmpty();
  }

  /** Ends the open batch, where there is anything in it. */
  void close() {
    if (open.isEmpty()) {
      return;
    }
    closed.add(new ArrayList<>(open.values()));
    changes += open.size();
    open.clear();
    while (changes > mostChanges && closed.size() > 1) {
      changes -= closed.remove().size();
      first++;
    }
  }

  /** Forgets all that is kept: nobody can go on from before. */
  void clear() {
    first = next();
    closed.clear();
    open.clear();
    changes = 0;
  }

  /** Number of the batch that is closed next. */
  long next() {
    return first + closed.size();
  }

  /** Whether a watch can go on with a batch: it is kept, or comes next. */
  boolean canGoOnWith(long batch) {
    return batch >= first && batch <= next();
  }

  /** A closed batch that is kept; empty where it comes next. */
  Optional<List<Net>> batch(long number) {
    if (number == next()) {
      return Optional.empty();
    }
    Iterator<List<Net>> each =
        number - first < closed.size() / 2 ? closed.iterator() : closed.descendingIterator();
    long steps = number - first < closed.size() / 2 ? number - first : next() - 1 - number;
    for (long i = 0; i < steps; i++) {
      each.next();
    }
    return Optional.of(each.next());
  }
}
