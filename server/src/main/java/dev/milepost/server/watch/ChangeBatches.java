package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Recent changes of all jobs, in numbered batches: every list watch reads the same batches, each at
 * its own position. A batch holds one net change per job, however often the job has changed
 * meanwhile; a job that is deleted and one that is created with its id are two jobs. Confined to
 * the hub's executor.
 */
final class ChangeBatches {
  private final int maxChanges;
  private final long maxBytes;
  private final ArrayDeque<List<NetChange>> closed = new ArrayDeque<>();
  private final Map<JobKey, NetChange> open = new LinkedHashMap<>();

  /** Of the open batch: the ends of jobs whose ids other jobs have since. They come first. */
  private final List<NetChange> ended = new ArrayList<>();

  private String run = newRun();
  private long first = 1;
  private int changes;
  private long bytes;

  /**
   * Creates an empty history.
   *
   * @param maxChanges changes to keep; the oldest batches are dropped first
   * @param maxBytes size of the jobs in these changes, likewise; the latest batch is always kept
   */
  ChangeBatches(int maxChanges, long maxBytes) {
    this.maxChanges = maxChanges;
    this.maxBytes = maxBytes;
  }

  /**
   * The effect of a batch on one job. A job that was created and deleted within the batch is
   * included, since a caller may have read it in between.
   *
   * @param before the job before the batch; null if it did not exist
   * @param after the job after the batch; null if it no longer exists
   */
  record NetChange(JobKey key, @Nullable JobRecord before, @Nullable JobRecord after) {}

  /** Adds commits to the open batch; returns whether they have opened it. */
  boolean add(List<Change> committed) {
    boolean wasEmpty = open.isEmpty();
    for (Change change : committed) {
      JobRecord before = change.before();
      JobRecord after = change.after();
      if (before != null && after != null && !Incarnation.isSame(before, after)) {
        // A store may read the job as it is now, and not as the change has left it.
        add(new NetChange(change.key(), before, null));
        add(new NetChange(change.key(), null, after));
      } else {
        add(new NetChange(change.key(), before, after));
      }
    }
    return wasEmpty && !open.isEmpty();
  }

  private void add(NetChange change) {
    NetChange known = open.get(change.key());
    if (known != null && known.after() == null && change.after() != null) {
      ended.add(known);
      open.remove(change.key());
    }
    open.merge(
        change.key(),
        change,
        (earlier, later) -> new NetChange(change.key(), earlier.before(), later.after()));
  }

  /** Closes the open batch, unless it is empty. */
  void close() {
    if (open.isEmpty()) {
      return;
    }
    List<NetChange> batch = new ArrayList<>(ended);
    batch.addAll(open.values());
    closed.add(batch);
    changes += batch.size();
    bytes += bytes(batch);
    ended.clear();
    open.clear();
    while ((changes > maxChanges || bytes > maxBytes) && closed.size() > 1) {
      List<NetChange> oldest = closed.remove();
      changes -= oldest.size();
      bytes -= bytes(oldest);
      first++;
    }
  }

  /** A job before and after a change shares most of its parts, so the larger one counts. */
  private static long bytes(Collection<NetChange> batch) {
    long sum = 0;
    for (NetChange change : batch) {
      sum += Math.max(size(change.before()), size(change.after()));
    }
    return sum;
  }

  private static long size(@Nullable JobRecord job) {
    return job == null ? 0 : job.getSerializedSize();
  }

  /** Forgets every batch and starts a new run: no earlier position can be resumed from. */
  void clear() {
    first = next();
    closed.clear();
    ended.clear();
    open.clear();
    changes = 0;
    bytes = 0;
    run = newRun();
  }

  private static String newRun() {
    return UUID.randomUUID().toString();
  }

  /** Returns the id of the run that batch numbers belong to. */
  String run() {
    return run;
  }

  /** Returns the number of the batch that is closed next. */
  long next() {
    return first + closed.size();
  }

  /** Returns whether a watch can continue with a batch: it is kept, or comes next. */
  boolean contains(long batch) {
    return batch >= first && batch <= next();
  }

  /** Returns a closed batch; empty if it comes next. It must be {@link #contains contained}. */
  Optional<List<NetChange>> batch(long number) {
    if (number == next()) {
      return Optional.empty();
    }
    boolean isNearFirst = number - first < closed.size() / 2;
    Iterator<List<NetChange>> each = isNearFirst ? closed.iterator() : closed.descendingIterator();
    long steps = isNearFirst ? number - first : next() - 1 - number;
    for (long i = 0; i < steps; i++) {
      each.next();
    }
    return Optional.of(each.next());
  }
}
