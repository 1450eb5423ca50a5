package dev.milepost.server.watch;

import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.watch.ChangeBatches.Net;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsResponse;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch of many jobs: a snapshot of those that match, and then a position among the batches of
 * changes. Confined to the hub's lane.
 *
 * <p>The snapshot is read page by page while changes go on. So it remembers which jobs it has shown
 * until it has passed all batches that may overlap with it: by then each change is either in what
 * was shown, or is sent. From there on whether a job matched before a batch says whether it has
 * been shown, and nothing needs to be remembered.
 */
final class ListWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(ListWatcher.class);

  /** Jobs that a snapshot may hold: they are remembered while it is made. */
  private static final int MOST_JOBS = 10_000;

  private final JobFilter filter;
  private final ListWatchSink sink;
  private final Keeper keeper;
  private final Map<JobState, Long> counts = new EnumMap<>(JobState.class);

  /** What of the snapshot has been read and not been sent. */
  private final Queue<JobRecord> page = new ArrayDeque<>();

  /** Whether more of the snapshot is to be read, and where it goes on. */
  private boolean hasMorePages;

  private Optional<String> nextPage = Optional.empty();

  /** Jobs as they were shown; null when the position alone says enough. */
  private @Nullable Map<JobKey, Shown> shown;

  /** The last batch that may overlap with the snapshot; known once all before it has been told. */
  private long lastOverlap = Long.MAX_VALUE;

  private boolean synced;
  private boolean waiting;
  private boolean over;
  private long batch;
  private int index;
  private long lastSent;

  private record Shown(long revision, JobState state) {}

  ListWatcher(
      JobFilter filter, @Nullable ListWatchPosition position, ListWatchSink sink, Keeper keeper) {
    this.filter = filter;
    this.sink = sink;
    this.keeper = keeper;
    this.lastSent = keeper.nanos();
    if (position == null) {
      hasMorePages = true;
      shown = new HashMap<>();
      batch = keeper.batches().next();
    } else {
      synced = true;
      batch = position.batch();
      index = position.index();
      position.counts().forEach(count -> counts.put(count.getState(), count.getCount()));
    }
  }

  /** What all watchers ask of their hub. Called in its lane. */
  interface Keeper {
    /** Reads a page of the snapshot, which comes to {@link #deliver}. */
    void readOn(ListWatcher watcher, Optional<String> after);

    /**
     * Waits until all is gathered that could be read by now, closes the batch, and calls {@link
     * #caughtUp}.
     */
    void catchUp(ListWatcher watcher);

    /** A watcher is over. */
    void ended(ListWatcher watcher);

    ChangeBatches batches();

    /** The run of the hub that positions hold for. */
    String run();

    /** The time that idleness is measured by. */
    long nanos();
  }

  JobFilter filter() {
    return filter;
  }

  /** Sends what is new, for as long as the stream is ready. */
  void drain() {
    try {
      while (!over && !waiting && sink.isReady() && sendNext()) {
        // Goes on.
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** Makes one step; false where there is nothing to do but to wait. */
  private boolean sendNext() {
    if (!keeper.batches().canGoOnWith(batch)) {
      fail(new WatchException.TooOld());
      return false;
    }
    if (!page.isEmpty()) {
      showFirst(page.remove());
      return true;
    }
    if (hasMorePages) {
      waiting = true;
      keeper.readOn(this, nextPage);
      return false;
    }
    if (lastOverlap == Long.MAX_VALUE && shown != null) {
      waiting = true;
      keeper.catchUp(this);
      return false;
    }
    if (!synced) {
      synced = true;
      passOverlap();
      send(WatchEvent.WATCH_EVENT_SYNCED, null);
      return true;
    }
    return sendChanges();
  }

  /** A page of the snapshot has been read. */
  void deliver(JobPage read) {
    waiting = false;
    if (over) {
      return;
    }
    nextPage = read.next();
    hasMorePages = nextPage.isPresent();
    page.addAll(read.jobs());
    drain();
  }

  /** All that the snapshot may have seen is in batches that are closed. */
  void caughtUp() {
    waiting = false;
    lastOverlap = keeper.batches().next() - 1;
    drain();
  }

  private void showFirst(JobRecord record) {
    Map<JobKey, Shown> remembered = shown;
    if (remembered == null) {
      throw new IllegalStateException("a snapshot goes on after its end");
    }
    if (remembered.size() == MOST_JOBS) {
      fail(new Refusal.TooManyMatchingJobs("watch them", MOST_JOBS));
      return;
    }
    remembered.put(JobKey.of(record), shownAs(record));
    add(stateOf(record), 1);
    send(WatchEvent.WATCH_EVENT_SNAPSHOT, record.getJob());
  }

  /** Goes through the batch at hand up to the next change that is to be sent. */
  private boolean sendChanges() {
    Optional<List<Net>> changes = keeper.batches().batch(batch);
    if (changes.isEmpty()) {
      return false;
    }
    while (index < changes.get().size()) {
      Net net = changes.get().get(index);
      index++;
      if (tell(net)) {
        return true;
      }
    }
    batch++;
    index = 0;
    passOverlap();
    return true;
  }

  private void passOverlap() {
    if (batch > lastOverlap) {
      shown = null;
    }
  }

  /** Sends what a change means to who sees only what matches; whether it means anything. */
  private boolean tell(Net net) {
    JobRecord after = net.after();
    boolean matches = after != null && JobFilters.matches(filter, after.getJob());
    JobState before = stateBefore(net);
    if (isShownAlready(net) || (before == null && !matches)) {
      return false;
    }
    if (matches && isTheSame(net)) {
      return false;
    }
    remember(net, matches);
    if (before != null) {
      add(before, -1);
    }
    if (matches && after != null) {
      add(stateOf(after), 1);
      send(
          before == null ? WatchEvent.WATCH_EVENT_ENTERED : WatchEvent.WATCH_EVENT_CHANGED,
          after.getJob());
    } else {
      send(WatchEvent.WATCH_EVENT_LEFT, jobOf(net));
    }
    return true;
  }

  /** State that the job was shown in before this change; null where it was not shown. */
  private @Nullable JobState stateBefore(Net net) {
    JobRecord before = net.before();
    if (shown != null) {
      Shown known = shown.get(net.key());
      return known == null ? null : known.state();
    }
    return before != null && JobFilters.matches(filter, before.getJob()) ? stateOf(before) : null;
  }

  private boolean isShownAlready(Net net) {
    if (shown == null || net.after() == null) {
      return false;
    }
    Shown known = shown.get(net.key());
    return known != null && known.revision() >= net.after().getRevision();
  }

  /** Whether nothing that can be seen has changed: a lease was renewed in the same moment, say. */
  private boolean isTheSame(Net net) {
    return shown == null
        && net.before() != null
        && net.after() != null
        && net.before().getJob().equals(net.after().getJob());
  }

  /** The job as it is; where it is gone, as it was last known. */
  private static Job jobOf(Net net) {
    if (net.after() != null) {
      return net.after().getJob();
    }
    return net.before() != null
        ? net.before().getJob()
        : Job.newBuilder().setTenantId(net.key().tenantId()).setId(net.key().jobId()).build();
  }

  private void remember(Net net, boolean matches) {
    if (shown == null) {
      return;
    }
    if (matches && net.after() != null) {
      shown.put(net.key(), shownAs(net.after()));
    } else {
      shown.remove(net.key());
    }
  }

  private static Shown shownAs(JobRecord record) {
    return new Shown(record.getRevision(), stateOf(record));
  }

  private static JobState stateOf(JobRecord record) {
    return record.getJob().getStatus().getState();
  }

  private void add(JobState state, long change) {
    counts.merge(state, change, Long::sum);
    counts.remove(state, 0L);
  }

  private void send(WatchEvent event, @Nullable Job job) {
    WatchJobsResponse.Builder step = WatchJobsResponse.newBuilder().setEvent(event);
    if (job != null) {
      step.setJob(job);
    }
    List<JobCount> now =
        counts.entrySet().stream()
            .map(count -> JobCount.newBuilder().setState(count.getKey()).setCount(count.getValue()))
            .map(JobCount.Builder::build)
            .toList();
    if (synced) {
      step.addAllCounts(now);
    }
    lastSent = keeper.nanos();
    // Not with SYNCED: what one who sees nothing is sent must not hang on what others do.
    boolean canBeResumed = synced && shown == null && event != WatchEvent.WATCH_EVENT_SYNCED;
    sink.next(step, canBeResumed ? new ListWatchPosition(keeper.run(), batch, index, now) : null);
  }

  /** Shows a quiet stream that it is alive and where it is. */
  void bookmarkIfIdle(long idleNanos) {
    if (!over && synced && !waiting && keeper.nanos() - lastSent >= idleNanos && sink.isReady()) {
      try {
        send(WatchEvent.WATCH_EVENT_UNSPECIFIED, null);
      } catch (RuntimeException e) {
        fail(e);
      }
    }
  }

  /** Ends the watch with a reason. */
  void fail(Throwable reason) {
    if (over) {
      return;
    }
    abandon();
    try {
      sink.failed(reason);
    } catch (RuntimeException e) {
      LOG.debug("A watch could not be told why it ended.", e);
    }
  }

  /** Ends the watch without a word: its other end is gone. */
  void abandon() {
    if (!over) {
      over = true;
      page.clear();
      keeper.ended(this);
    }
  }
}
