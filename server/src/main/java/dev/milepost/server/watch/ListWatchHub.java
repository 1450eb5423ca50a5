package dev.milepost.server.watch;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeHistory;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.Subscription;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.WatchJobsResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the store's changes to list watches: those of all jobs that match a filter.
 * Thread-safe.
 *
 * <p>Commits are collected into batches. A watch is a position among the batches, so a slow one
 * costs nothing else, and fails if the batch that it needs next has been dropped. Nothing is
 * collected unless there are watches, or were recently.
 *
 * <p>If the store keeps a history of changes, each batch ends at a position in it. So a watch can
 * be resumed by another run of the hub, or by that of another server: it reads the history first.
 */
public final class ListWatchHub implements AutoCloseable {
  private static final Duration BATCH_INTERVAL = Duration.ofMillis(100);

  /** How long changes are collected after the last watch has ended, so that it can be resumed. */
  private static final Duration RESUME_TIMEOUT = Duration.ofMinutes(1);

  private static final int MAX_CHANGES = 20_000;
  private static final long MAX_CHANGE_BYTES = 64 << 20;
  private static final int PAGE_SIZE = 200;

  /** Each watch may hold a page, for as long as its caller does not read. */
  private static final long MAX_PAGE_BYTES = 512 << 10;

  /** Size of the jobs that all watches may hold which read the store's history. */
  private static final long MAX_MISSED_BYTES = 64 << 20;

  /** A key that no job has. */
  private static final JobKey NO_JOB = new JobKey("", "");

  private final JobStore store;
  private final Optional<ChangeHistory> history;
  private final WatchLoop loop;
  private final Subscription subscription;

  /** Whether changes are collected. Written in the executor. */
  private volatile boolean collecting;

  // Confined to the executor.
  private final ChangeBatches batches = new ChangeBatches(MAX_CHANGES, MAX_CHANGE_BYTES);
  private final SharedViews views = new SharedViews();
  private final CursorSet cursors = new CursorSet(this::unwatched);
  private long unwatchedSince;

  /** Reads of the history run one after the other: each may be large. */
  private CompletableFuture<?> lastRead = CompletableFuture.completedFuture(null);

  private long missedBytes;

  /**
   * Subscribes to a store.
   *
   * @param bookmarkInterval a watch that has sent nothing for this long sends a bookmark
   * @param time tells how long a watch has sent nothing, and how long there has been none
   * @param observer notified of watches that open and close
   */
  public ListWatchHub(
      JobStore store, Duration bookmarkInterval, TimeSource time, WatchObserver observer) {
    this.store = store;
    this.history = store.history();
    this.loop =
        new WatchLoop(
            "milepost-watch-list", bookmarkInterval, time, observer, cursors::copy, this::tick);
    this.subscription = store.subscribe(new Listener());
  }

  /**
   * Opens a watch. It sends whenever there is something new and the sink is ready; the caller
   * reports by {@link Watch#ready()} that it has become so. A position that cannot be resumed from
   * fails the watch with {@link WatchException.TooOld}.
   *
   * @param filter which jobs; already narrowed to those that the caller may read
   * @param view what to show of each job
   * @param position where to resume; null to start with a snapshot
   * @param tokens makes resume tokens of positions
   */
  public Watch open(
      JobFilter filter,
      UnaryOperator<Job> view,
      @Nullable ListWatchPosition position,
      Function<ListWatchPosition, String> tokens,
      WatchSink<WatchJobsResponse> sink) {
    return loop.open(
        sink,
        cursor -> {
          if (position != null
              && !contains(position)
              && (position.stored().isEmpty() || history.isEmpty())) {
            throw new WatchException.TooOld();
          }
          // Before the snapshot is read, so that whatever is committed after it is collected.
          collecting = true;
          cursors.add(cursor);
          return new ListWatcher(cursor, this, filter, view, position, tokens);
        });
  }

  /** Fails every watch with {@link WatchException.Draining}, now and later. Blocks until done. */
  @Override
  public void close() {
    subscription.close();
    loop.close();
  }

  /** Returns the collected changes. */
  ChangeBatches batches() {
    return batches;
  }

  /** Returns what views show of jobs, for all watches. */
  SharedViews views() {
    return views;
  }

  /** Returns whether a watch can continue with the batches that are kept. */
  boolean contains(ListWatchPosition position) {
    return position.run().equals(batches.run()) && batches.contains(position.batch());
  }

  /** Returns the position of a watch that has sent so much. */
  ListWatchPosition position(long batch, int index, List<JobCount> counts) {
    return new ListWatchPosition(
        batches.run(), batch, index, counts, index == 0 ? batches.start(batch) : "");
  }

  /** Reads what has changed since a position in the store's history; empty if it cannot tell. */
  CompletionStage<Optional<List<Change>>> since(String position) {
    CompletableFuture<Optional<List<Change>>> read =
        lastRead.handle((done, failure) -> true).thenCompose(next -> history(position));
    lastRead = read;
    return read;
  }

  private CompletionStage<Optional<List<Change>>> history(String position) {
    return history
        .map(kept -> kept.since(position))
        .orElse(CompletableFuture.completedFuture(Optional.empty()));
  }

  /**
   * Accounts for changes that a watch holds after it has read the history.
   *
   * @param bytes their size; negative when it no longer holds them
   * @throws WatchException.TooOld if all watches together would hold too much
   */
  void hold(long bytes) {
    missedBytes += bytes;
    if (bytes > 0 && missedBytes > MAX_MISSED_BYTES) {
      throw new WatchException.TooOld();
    }
  }

  /** Reads a page of a snapshot. */
  CompletionStage<JobPage> list(JobFilter filter, UnaryOperator<Job> view, Optional<String> after) {
    JobShape shape = job -> job.toBuilder().setJob(view.apply(job.getJob())).build();
    return store.list(new JobQuery(filter, true, after, PAGE_SIZE, MAX_PAGE_BYTES, shape));
  }

  /**
   * Waits until every change that a read may have seen by now is in the open batch; returns where
   * that is in the store's history, or empty if it is not known.
   */
  CompletionStage<String> awaitCommitted() {
    // The store completes an update after it has published all earlier commits.
    return store
        .update(Selection.of(NO_JOB), found -> Decision.nothing(true))
        .thenCompose(committed -> mark());
  }

  /** Waits for a position in the store's history, between its changes; empty if it cannot tell. */
  CompletionStage<String> mark() {
    CompletableFuture<String> reached = new CompletableFuture<>();
    history.ifPresentOrElse(kept -> kept.mark(reached::complete), () -> reached.complete(""));
    return reached;
  }

  /**
   * Closes the open batch, and lets every watch send it.
   *
   * @param end position in the store's history that has been reached; empty if it is not known
   */
  void closeBatch(String end) {
    batches.close(end);
    cursors.drainAll();
  }

  private void collect(List<Change> changes) {
    if (collecting && batches.add(changes)) {
      loop.schedule(this::endBatch, BATCH_INTERVAL);
    }
  }

  private void endBatch() {
    history.ifPresentOrElse(
        kept -> kept.mark(end -> loop.execute(() -> closeBatch(end))), () -> closeBatch(""));
  }

  /** While nothing happens, the history moves on all the same: by what concerns no job. */
  private void tick() {
    stopCollectingIfUnused();
    if (cursors.size() > 0 && batches.isEmpty() && history.isPresent()) {
      endBatch();
    }
  }

  private void unwatched() {
    unwatchedSince = loop.nanoTime();
  }

  private void stopCollectingIfUnused() {
    if (collecting
        && cursors.size() == 0
        && loop.nanoTime() - unwatchedSince > RESUME_TIMEOUT.toNanos()) {
      batches.clear();
      collecting = false;
    }
  }

  private final class Listener implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      if (collecting) {
        loop.execute(() -> collect(changes));
      }
    }

    @Override
    public void missed() {
      loop.execute(
          () -> {
            loop.failAll(new WatchException.TooOld());
            batches.clear();
          });
    }
  }
}
