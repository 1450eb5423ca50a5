package dev.milepost.server.watch;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.watch.ChangeBatches.NetChange;
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
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a list watch sends: a snapshot of the matching jobs, and then their changes from a position
 * among the batches. Confined to the hub's executor.
 *
 * <p>The snapshot is read page by page while jobs change. So the watch remembers the jobs that it
 * has sent until it has passed every batch that may overlap with the snapshot: each change is then
 * either part of what was sent, or is sent. After that, the job before a batch tells whether it has
 * been sent, and nothing needs to be remembered.
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

  /** The jobs that the watch has sent; null once the position says enough. */
  private @Nullable Map<JobKey, SentJob> sent;

  /** The last batch that may overlap with the snapshot; the maximum until it is known. */
  private long lastOverlap = Long.MAX_VALUE;

  private boolean synced;
  private long batch;
  private int index;

  /** Token of the last message; empty if the watch cannot be resumed after it. */
  private String token = "";

  private record SentJob(Timestamp created, long revision, JobState state) {
    static SentJob of(JobRecord record) {
      return new SentJob(record.getJob().getCreateTime(), record.getRevision(), stateOf(record));
    }

    /** Returns whether the watch has sent this record, a later one, or a later job of this id. */
    boolean covers(JobRecord other) {
      Timestamp otherCreated = other.getJob().getCreateTime();
      return created.equals(otherCreated)
          ? revision >= other.getRevision()
          : Times.instant(created).isAfter(Times.instant(otherCreated));
    }
  }

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
    if (position == null) {
      hasMorePages = true;
      sent = new HashMap<>();
      batch = hub.batches().next();
    } else {
      synced = true;
      batch = position.batch();
      index = position.index();
      position.counts().forEach(count -> counts.put(count.getState(), count.getCount()));
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
    } else if (lastOverlap == Long.MAX_VALUE && sent != null) {
      cursor.read(hub.awaitCommitted(), done -> endOverlap());
    } else if (!synced) {
      synced = true;
      forgetSentAfterOverlap();
      send(WatchEvent.WATCH_EVENT_SYNCED, null);
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

  private void endOverlap() {
    hub.closeBatch();
    lastOverlap = hub.batches().next() - 1;
  }

  private void sendSnapshot(JobRecord record) {
    Map<JobKey, SentJob> remembered = sent;
    if (remembered == null) {
      throw new IllegalStateException("The snapshot continues after its end.");
    }
    if (remembered.size() == MAX_JOBS) {
      throw new Refusal.TooManyMatchingJobs("watch them", MAX_JOBS);
    }
    remembered.put(JobKey.of(record), SentJob.of(record));
    count(stateOf(record), 1);
    send(WatchEvent.WATCH_EVENT_SNAPSHOT, record.getJob());
  }

  /** Moves through the current batch to the next change that concerns this watch, and sends it. */
  private boolean sendChange() {
    Optional<List<NetChange>> changes = hub.batches().batch(batch);
    if (changes.isEmpty()) {
      return false;
    }
    while (index < changes.get().size()) {
      NetChange change = changes.get().get(index);
      index++;
      if (sendIfRelevant(change)) {
        return true;
      }
    }
    batch++;
    index = 0;
    forgetSentAfterOverlap();
    return true;
  }

  private void forgetSentAfterOverlap() {
    if (batch > lastOverlap) {
      sent = null;
    }
  }

  private boolean sendIfRelevant(NetChange change) {
    JobRecord after = change.after();
    boolean matches = after != null && JobFilters.matches(filter, after.getJob());
    JobState before = stateBefore(change);
    if (isInSnapshot(change) || (before == null && !matches) || (matches && isInvisible(change))) {
      return false;
    }
    remember(change, matches);
    if (before != null) {
      count(before, -1);
    }
    if (matches && after != null) {
      count(stateOf(after), 1);
      send(
          before == null ? WatchEvent.WATCH_EVENT_ENTERED : WatchEvent.WATCH_EVENT_CHANGED,
          after.getJob());
    } else {
      send(WatchEvent.WATCH_EVENT_LEFT, lastKnownJob(change));
    }
    return true;
  }

  /** Returns the state that the watch has sent last; null if it does not hold the job. */
  private @Nullable JobState stateBefore(NetChange change) {
    JobRecord before = change.before();
    if (sent != null) {
      SentJob known = sent.get(change.key());
      return known == null ? null : known.state();
    }
    return before != null && JobFilters.matches(filter, before.getJob()) ? stateOf(before) : null;
  }

  private boolean isInSnapshot(NetChange change) {
    if (sent == null || change.after() == null) {
      return false;
    }
    SentJob known = sent.get(change.key());
    return known != null && known.covers(change.after());
  }

  /** Returns whether only the record around the job has changed, by a renewed lease for example. */
  private boolean isInvisible(NetChange change) {
    return sent == null
        && change.before() != null
        && change.after() != null
        && change.before().getJob().equals(change.after().getJob());
  }

  private static Job lastKnownJob(NetChange change) {
    if (change.after() != null) {
      return change.after().getJob();
    }
    return change.before() != null
        ? change.before().getJob()
        : Job.newBuilder().setTenantId(change.key().tenantId()).setId(change.key().jobId()).build();
  }

  private void remember(NetChange change, boolean matches) {
    if (sent == null) {
      return;
    }
    if (matches && change.after() != null) {
      sent.put(change.key(), SentJob.of(change.after()));
    } else {
      sent.remove(change.key());
    }
  }

  private static JobState stateOf(JobRecord record) {
    return record.getJob().getStatus().getState();
  }

  private void count(JobState state, long change) {
    counts.merge(state, change, Long::sum);
    counts.remove(state, 0L);
  }

  private void send(WatchEvent event, @Nullable Job job) {
    WatchJobsResponse.Builder message = WatchJobsResponse.newBuilder().setEvent(event);
    if (job != null) {
      message.setJob(view.apply(job));
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
      // No token with SYNCED: whether there is one would depend on jobs that the caller cannot
      // read.
      if (sent == null && event != WatchEvent.WATCH_EVENT_SYNCED) {
        token = tokens.apply(new ListWatchPosition(hub.batches().run(), batch, index, now));
      }
    }
    cursor.send(message.setResumeToken(token).build());
  }

  @Override
  public void sendBookmark() {
    if (synced) {
      send(WatchEvent.WATCH_EVENT_BOOKMARK, null);
    }
  }
}
