package dev.milepost.server.watch;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.Subscription;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.WatchJobsResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

  /** A key that no job has. */
  private static final JobKey NO_JOB = new JobKey("", "");

  private final JobStore store;
  private final WatchLoop loop;
  private final Subscription subscription;

  /** Whether changes are collected. Written in the executor. */
  private volatile boolean collecting;

  // Confined to the executor.
  private final ChangeBatches batches = new ChangeBatches(MAX_CHANGES, MAX_CHANGE_BYTES);
  private final CursorSet cursors = new CursorSet(this::unwatched);
  private long unwatchedSince;

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
    this.loop =
        new WatchLoop(
            "milepost-watch-list",
            bookmarkInterval,
            time,
            observer,
            cursors::copy,
            this::stopCollectingIfUnused);
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
              && !(position.run().equals(batches.run()) && batches.contains(position.batch()))) {
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

  /** Reads a page of a snapshot. */
  CompletionStage<JobPage> list(JobFilter filter, UnaryOperator<Job> view, Optional<String> after) {
    JobShape shape = job -> job.toBuilder().setJob(view.apply(job.getJob())).build();
    return store.list(new JobQuery(filter, true, after, PAGE_SIZE, MAX_PAGE_BYTES, shape));
  }

  /** Waits until every change that a read may have seen by now is in the open batch. */
  CompletionStage<?> awaitCommitted() {
    // The store completes an update after it has published all earlier commits.
    return store.update(Selection.of(NO_JOB), found -> Decision.nothing(true));
  }

  /** Closes the open batch, and lets every watch send it. */
  void closeBatch() {
    batches.close();
    cursors.drainAll();
  }

  private void collect(List<Change> changes) {
    if (collecting && batches.add(changes)) {
      loop.schedule(this::closeBatch, BATCH_INTERVAL);
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
