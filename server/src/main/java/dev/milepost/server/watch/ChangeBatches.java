package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Recent changes of all jobs, in numbered batches: every list watch reads the same batches, each at
 * its own position. A batch holds one net change per job, however often the job has changed
 * meanwhile; a job that is deleted and one that is created with its id are two jobs. Confined to
 * the hub's executor.
 *
 * <p>A batch may end at a position of the store's history. Then it holds exactly what has changed
 * since the end of the batch before it, in whatever order the changes of several servers arrived.
 */
final class ChangeBatches {
  private final int maxChanges;
  private final long maxBytes;
  private final ArrayDeque<Batch> closed = new ArrayDeque<>();
  private final Map<JobKey, NetChange> open = new LinkedHashMap<>();

  /** Of the open batch: the ends of jobs whose ids other jobs have since. They come first. */
  private final List<NetChange> ended = new ArrayList<>();

  private String run = newRun();
  private long first = 1;

  /** Where the first batch starts in the store's history. */
  private String start = "";

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
   * A closed batch.
   *
   * @param end where it ends in the store's history; empty if that is not known
   */
  private record Batch(List<NetChange> changes, String end) {}

  /** Adds commits to the open batch; returns whether they have opened it. */
  boolean add(List<Change> committed) {
    boolean wasEmpty = open.isEmpty();
    for (Change change : committed) {
      NetChange.of(change).forEach(this::add);
    }
    return wasEmpty && !open.isEmpty();
  }

  private void add(NetChange change) {
    NetChange known = open.get(change.key());
    if (known == null) {
      open.put(change.key(), change);
    } else if (change.isOfEarlierJobThan(known)) {
      ended.add(change);
    } else if (known.after() == null && change.after() != null) {
      ended.add(known);
      open.remove(change.key());
      open.put(change.key(), change);
    } else {
      open.put(change.key(), known.with(change));
    }
  }

  /**
   * Closes the open batch, unless it is empty.
   *
   * @param end position in the store's history up to which changes were added, and no others; empty
   *     if that is not known
   */
  void close(String end) {
    if (open.isEmpty()) {
      moveEnd(end);
      return;
    }
    List<NetChange> batch = new ArrayList<>(ended);
    batch.addAll(open.values());
    closed.add(new Batch(batch, end));
    changes += batch.size();
    bytes += bytes(batch);
    ended.clear();
    open.clear();
    while ((changes > maxChanges || bytes > maxBytes) && closed.size() > 1) {
      Batch oldest = closed.remove();
      changes -= oldest.changes().size();
      bytes -= bytes(oldest.changes());
      start = oldest.end();
      first++;
    }
  }

  /** Nothing has been added since the last batch was closed, so it ends here, too. */
  private void moveEnd(String end) {
    if (end.isEmpty()) {
      return;
    }
    if (closed.isEmpty()) {
      start = end;
    } else {
      Batch last = closed.removeLast();
      closed.add(new Batch(last.changes(), end));
    }
  }

  /** Returns whether nothing has been added since the last batch was closed. */
  boolean isEmpty() {
    return open.isEmpty();
  }

  /** A job before and after a change shares most of its parts, so the larger one counts. */
  private static long bytes(Collection<NetChange> batch) {
    long sum = 0;
    for (NetChange change : batch) {
      sum += change.bytes();
    }
    return sum;
  }

  /** Forgets every batch and starts a new run: no earlier position can be resumed from. */
  void clear() {
    first = next();
    start = "";
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
    return number == next() ? Optional.empty() : Optional.of(closed(number).changes());
  }

  /**
   * Returns the position in the store's history at which a batch starts; empty if it is not known.
   * The batch must be {@link #contains contained}.
   */
  String start(long number) {
    return number == first ? start : closed(number - 1).end();
  }

  private Batch closed(long number) {
    boolean isNearFirst = number - first < closed.size() / 2;
    Iterator<Batch> each = isNearFirst ? closed.iterator() : closed.descendingIterator();
    long steps = isNearFirst ? number - first : next() - 1 - number;
    for (long i = 0; i < steps; i++) {
      each.next();
    }
    return each.next();
  }
}
