package dev.milepost.server.watch;

import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.JobPage;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsResponse;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a list watch sends: a snapshot of the matching jobs, or what has changed since a position in
 * the store's history, and then their changes from a position among the batches. Confined to the
 * hub's executor.
 *
 * <p>Jobs change while the snapshot, or the history, is read. So the watch remembers what it has
 * sent of them until it has passed every batch that may overlap with the read. After that, the job
 * before a batch tells whether it has been sent, and nothing needs to be remembered.
 */
final class ListWatcher implements WatchSource {
  /** Jobs that a snapshot may hold: all of them are remembered while it is made. */
  private static final int MAX_JOBS = 10_000;

  private final Cursor<WatchJobsResponse> cursor;
  private final ListWatchHub hub;
  private final JobFilter filter;
  private final UnaryOperator<Job> view;
  private final Function<ListWatchPosition, String> tokens;
  private final Map<JobState, Long> counts = new EnumMap<>(JobState.class);

  /** Jobs of the snapshot that have been read but not sent. */
  private final Queue<JobRecord> page = new ArrayDeque<>();

  private boolean hasMorePages;
  private Optional<String> nextPage = Optional.empty();

  /** Where to read the store's history from; empty if it need not be read any more. */
  private String resumeFrom = "";

  /** Whether the batches from here on hold nothing of what is before that position. */
  private boolean isAhead;

  /** Changes since that position that have been read but not sent. */
  private final Queue<NetChange> missed = new ArrayDeque<>();

  private long missedBytes;

  /** What the watch has sent of jobs that were read; null once the position says enough. */
  private @Nullable SentJobs sent;

  /** The last batch that may overlap with the read; the maximum until it is known. */
  private long lastOverlap = Long.MAX_VALUE;

  private boolean synced;
  private long batch;
  private int index;

  /** Token of the last message; empty if the watch cannot be resumed after it. */
  private String token = "";

  /**
   * Creates a source that has sent nothing.
   *
   * @param position where to resume: among the batches if they contain it, otherwise in the store's
   *     history; null to start with a snapshot
   */
  ListWatcher(
      Cursor<WatchJobsResponse> cursor,
      ListWatchHub hub,
      JobFilter filter,
      UnaryOperator<Job> view,
      @Nullable ListWatchPosition position,
      Function<ListWatchPosition, String> tokens) {
    this.cursor = cursor;
    this.hub = hub;
    this.filter = filter;
    this.view = view;
    this.tokens = tokens;
    batch = hub.batches().next();
    if (position == null) {
      hasMorePages = true;
      sent = SentJobs.ofSnapshot(filter);
      return;
    }
    synced = true;
    position.counts().forEach(count -> counts.put(count.getState(), count.getCount()));
    if (hub.contains(position)) {
      batch = position.batch();
      index = position.index();
    } else {
      resumeFrom = position.stored();
      sent = SentJobs.sincePosition(filter);
    }
  }

  @Override
  public String position() {
    return token;
  }

  @Override
  public boolean sendNext() {
    if (!hub.batches().contains(batch)) {
      throw new WatchException.TooOld();
    }
    if (!page.isEmpty()) {
      sendSnapshot(page.remove());
    } else if (hasMorePages) {
      cursor.read(hub.list(filter, view, nextPage), this::take);
    } else if (!resumeFrom.isEmpty() && !isAhead) {
      cursor.read(hub.mark(), this::startAfter);
    } else if (!resumeFrom.isEmpty()) {
      cursor.read(hub.since(resumeFrom), this::takeMissed);
      resumeFrom = "";
    } else if (!missed.isEmpty()) {
      sendMissed(missed.remove());
    } else if (lastOverlap == Long.MAX_VALUE && sent != null) {
      cursor.read(hub.awaitCommitted(), this::endOverlap);
    } else if (!synced) {
      synced = true;
      forgetSentAfterOverlap();
      // No token: whether there is one would depend on jobs that the caller cannot read.
      send(WatchEvent.WATCH_EVENT_SYNCED, null, false);
    } else {
      return sendChange();
    }
    return true;
  }

  private void take(JobPage read) {
    nextPage = read.next();
    hasMorePages = nextPage.isPresent();
    page.addAll(read.jobs());
  }

  /** Starts with the batch after a position that was reached after the one to resume from. */
  private void startAfter(String position) {
    if (position.isEmpty()) {
      throw new WatchException.TooOld();
    }
    hub.closeBatch(position);
    batch = hub.batches().next();
    isAhead = true;
  }

  /** Keeps what concerns this watch of what has changed since its position. */
  private void takeMissed(Optional<List<Change>> read) {
    for (Change change : read.orElseThrow(WatchException.TooOld::new)) {
      for (NetChange one : NetChange.of(change)) {
        if (isRelevant(one)) {
          missed.add(one);
          missedBytes += one.bytes();
        }
      }
    }
    hub.hold(missedBytes);
  }

  private void sendMissed(NetChange change) {
    // Of a job that was deleted and created again there are two.
    if (isRelevant(change)) {
      Event event = apply(change);
      send(event.kind(), event.job(), false);
    }
    if (missed.isEmpty()) {
      closed();
    }
  }

  @Override
  public void closed() {
    hub.hold(-missedBytes);
    missedBytes = 0;
    missed.clear();
  }

  private void endOverlap(String position) {
    hub.closeBatch(position);
    lastOverlap = hub.batches().next() - 1;
    if (synced) {
      forgetSentAfterOverlap();
    }
  }

  private void sendSnapshot(JobRecord record) {
    SentJobs remembered = sent;
    if (remembered == null) {
      throw new IllegalStateException("The snapshot continues after its end.");
    }
    if (remembered.size() == MAX_JOBS) {
      throw new Refusal.TooManyMatchingJobs("watch them", MAX_JOBS);
    }
    remembered.add(record);
    count(SentJobs.stateOf(record), 1);
    send(WatchEvent.WATCH_EVENT_SNAPSHOT, record.getJob(), false);
  }

  /**
   * Sends the next change that concerns this watch, and moves on to the one after it, or else to
   * the next batch: a position lies within a batch only if more of it is to be sent.
   */
  private boolean sendChange() {
    Optional<List<NetChange>> changes = hub.batches().batch(batch);
    if (changes.isEmpty()) {
      return false;
    }
    passOver(changes.get());
    if (index == changes.get().size()) {
      endBatch();
      return true;
    }
    boolean mayResume = sent == null;
    Event event = apply(changes.get().get(index));
    index++;
    passOver(changes.get());
    if (index == changes.get().size()) {
      endBatch();
    }
    send(event.kind(), event.job(), mayResume);
    return true;
  }

  /** Moves to the next change that concerns this watch, or to the end of the batch. */
  private void passOver(List<NetChange> changes) {
    while (index < changes.size() && !isRelevant(changes.get(index))) {
      index++;
    }
  }

  private void endBatch() {
    batch++;
    index = 0;
    forgetSentAfterOverlap();
  }

  private void forgetSentAfterOverlap() {
    if (batch > lastOverlap) {
      sent = null;
    }
  }

  private boolean isRelevant(NetChange change) {
    boolean matches = matches(change);
    return (sent == null || !sent.covers(change))
        && (matches || stateBefore(change) != null)
        && !(matches && isInvisible(change));
  }

  private boolean matches(NetChange change) {
    return change.after() != null && JobFilters.matches(filter, change.after().getJob());
  }

  /** Returns the state that the watch has sent last; null if it does not hold the job. */
  private @Nullable JobState stateBefore(NetChange change) {
    return sent == null ? SentJobs.stateBefore(filter, change) : sent.stateBefore(change);
  }

  /** Returns whether only the record around the job has changed, by a renewed lease for example. */
  private boolean isInvisible(NetChange change) {
    return (sent == null || !sent.knows(change))
        && change.before() != null
        && change.after() != null
        && change.before().getJob().equals(change.after().getJob());
  }

  /** What a change means for this watch. */
  private record Event(WatchEvent kind, Job job) {}

  /** Takes in a change that concerns this watch. */
  private Event apply(NetChange change) {
    JobState before = stateBefore(change);
    JobRecord after = change.after();
    boolean matches = matches(change);
    if (sent != null) {
      sent.remember(change, matches);
    }
    if (before != null) {
      count(before, -1);
    }
    if (!matches || after == null) {
      return new Event(WatchEvent.WATCH_EVENT_LEFT, lastKnownJob(change));
    }
    count(SentJobs.stateOf(after), 1);
    return new Event(
        before == null ? WatchEvent.WATCH_EVENT_ENTERED : WatchEvent.WATCH_EVENT_CHANGED,
        after.getJob());
  }

  private static Job lastKnownJob(NetChange change) {
    if (change.after() != null) {
      return change.after().getJob();
    }
    return change.before() != null
        ? change.before().getJob()
        : Job.newBuilder().setTenantId(change.key().tenantId()).setId(change.key().jobId()).build();
  }

  private void count(JobState state, long change) {
    counts.merge(state, change, Long::sum);
    counts.remove(state, 0L);
  }

  /**
   * Sends a message.
   *
   * @param mayResume whether the watch can be resumed after it: everything before is certain
   */
  private void send(WatchEvent event, @Nullable Job job, boolean mayResume) {
    WatchJobsResponse.Builder message = WatchJobsResponse.newBuilder().setEvent(event);
    if (job != null) {
      message.setJob(hub.views().of(view, job));
    }
    token = "";
    if (synced) {
      List<JobCount> now =
          counts.entrySet().stream()
              .map(
                  count ->
                      JobCount.newBuilder().setState(count.getKey()).setCount(count.getValue()))
              .map(JobCount.Builder::build)
              .toList();
      message.addAllCounts(now);
      if (mayResume) {
        token = tokens.apply(hub.position(batch, index, now));
      }
    }
    cursor.send(message.setResumeToken(token).build());
  }

  @Override
  public void sendBookmark() {
    if (synced) {
      send(WatchEvent.WATCH_EVENT_BOOKMARK, null, sent == null);
    }
  }
}
