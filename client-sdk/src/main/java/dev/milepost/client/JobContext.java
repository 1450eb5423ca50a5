package dev.milepost.client;

import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives a handler its job, and everything it can report about it. Thread-safe, so that a handler
 * can use several threads; valid until the handler returns.
 */
public interface JobContext {
  /**
   * Returns the context of the job that the current thread works on: in a handler, on the handler's
   * own thread; on other threads, while a scope of {@link #makeCurrent} is open.
   *
   * @throws IllegalStateException if this thread works on no job; see {@link #findCurrent}
   */
  static JobContext current() {
    return CurrentJob.find()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The thread "
                        + Thread.currentThread().getName()
                        + " works on no job. Call this in a handler, or make a job's context"
                        + " current on this thread with makeCurrent()."));
  }

  /** Like {@link #current}, but returns an empty result if the current thread works on no job. */
  static Optional<JobContext> findCurrent() {
    return CurrentJob.find();
  }

  /**
   * Makes this context the {@linkplain #current current} one on this thread, and puts {@code
   * job_id}, {@code job_type} and {@code attempt} into SLF4J's MDC, until the scope is closed. A
   * handler's own thread needs no call; threads that a handler uses besides do.
   *
   * <pre>{@code
   * executor.execute(() -> {
   *   try (JobContext.Scope scope = context.makeCurrent()) {
   *     service.work();
   *   }
   * });
   * }</pre>
   *
   * @return closes the scope, on this thread: restores what was current before
   */
  default Scope makeCurrent() {
    return CurrentJob.enter(this);
  }

  /** Returns the job's id. */
  String jobId();

  /** Returns the job's display name, or its type if it has none. */
  String jobName();

  /** Returns the job as it was when this attempt started. */
  Job job();

  /** Returns the job as it was when this attempt started, with the types of Java. */
  default JobInfo info() {
    return JobInfo.of(job());
  }

  /** Returns the number of this attempt, starting at 1. */
  int attempt();

  /** Returns the job's parameters: an unmodifiable map with typed getters. */
  JobParams params();

  /**
   * Returns the checkpoint last saved by this attempt or an earlier one; empty if there is none.
   */
  Optional<Map<String, @Nullable Object>> checkpoint();

  /**
   * Replaces the checkpoint, from which the next attempt can resume. It is committed together with
   * everything reported before it, never earlier. Does not block; see {@link #flush()}.
   *
   * @throws IllegalArgumentException if a value cannot be encoded, or if the checkpoint exceeds
   *     65,536 bytes
   */
  void saveCheckpoint(Map<String, ?> checkpoint);

  /**
   * Returns whether the work should stop: the job was cancelled, the attempt lost its lease, or the
   * worker is shutting down. The server says so at once, also to work that reports nothing; if the
   * connection is broken, with the next report or heartbeat.
   */
  boolean isCancelRequested();

  /**
   * Throws if the work should stop; see {@link #isCancelRequested()}.
   *
   * @throws JobCancelledException if the job was cancelled or the worker is shutting down
   * @throws LeaseLostException if the attempt lost its lease: it can no longer report anything
   */
  void throwIfCancelled();

  /**
   * Runs an action once the work should stop, as {@link #isCancelRequested} says; at once if it
   * already should. For what does not come back to ask: closes a connection, stops a subscription.
   * It runs on the client's executor, besides the work, and must not block for long; what it throws
   * is logged.
   */
  void onCancel(Runnable action);

  /**
   * Says that the work is complete in spite of a cancel or shutdown. Without it, a handler that was
   * made to stop, by {@link #throwIfCancelled()} or an interrupt, and returns all the same is taken
   * to have stopped early: code that catches every exception would otherwise turn a cancelled job
   * into one that succeeded.
   */
  void completed();

  /** Returns why the work should stop; empty if it should not, or if no reason was given. */
  Optional<String> cancelReason();

  /** Returns the logger for progress, stages, log lines and outcome. */
  JobLogger logger();

  /** Returns the named, weighted sub-operations from which the job's progress is derived. */
  Pipeline pipeline();

  /** Returns the job's items and their states. */
  JobItems items();

  /**
   * Groups the job's items by project: the item's own, or else the job's. Items without a project
   * come first, under the empty string. Reads the items as {@link JobItems#all()} does.
   *
   * @return an unmodifiable map, sorted by project id; empty if the job has no items
   */
  default Map<String, List<Item>> groupItemsByProject() {
    return JobTargets.groupItemsByProject(job(), items().all());
  }

  /**
   * Returns what to work on, project by project, whether the job's scope is a project, a set of
   * items or everything; see {@link JobTargets#resolveTargets}. Reads the items as {@link
   * JobItems#all()} does; an item's state shows whether an earlier attempt completed it.
   *
   * <pre>{@code
   * for (JobTarget target : context.resolveTargets()) {
   *   Project project = target.projectId().map(this::open).orElse(NO_PROJECT);
   *   for (Item item : target.coversAllItems() ? project.allItems() : target.items()) { ... }
   * }
   * }</pre>
   */
  default List<JobTarget> resolveTargets() {
    return JobTargets.resolveTargets(job(), items().all());
  }

  /**
   * Reports progress while a loop iterates over a collection: sets total and unit, counts each
   * element after the loop has processed it, and calls {@link #throwIfCancelled()} before each
   * element.
   *
   * @param unit what is counted, for example "files"
   */
  default <T> Iterable<T> track(Collection<T> elements, String unit) {
    return track(elements, elements.size(), unit);
  }

  /**
   * Like {@link #track(Collection, String)}, for elements without a size of their own.
   *
   * @param total number of elements; negative: unknown
   */
  <T> Iterable<T> track(Iterable<T> elements, long total, String unit);

  /**
   * Like {@link #track(Collection, String)}, for the rest of what an earlier attempt has begun:
   * counts on from what is already done, so that the progress of a resumed job ends at its total,
   * and agrees with counters that live for the job ({@link JobLogger#addOutcome}).
   *
   * <pre>{@code
   * int done = context.checkpoint().map(saved -> ((Number) saved.get("done")).intValue()).orElse(0);
   * for (Row row : context.track(rows.subList(done, rows.size()), "rows", done)) {
   *   load(row);
   *   context.saveCheckpoint(Map.of("done", ++done));
   * }
   * }</pre>
   *
   * @param rest the elements that are left
   * @param alreadyDone number of elements before them, 0 or more
   * @throws IllegalArgumentException if {@code alreadyDone} is negative
   */
  default <T> Iterable<T> track(Collection<T> rest, String unit, long alreadyDone) {
    return track(rest, Saturated.add(alreadyDone, rest.size()), unit, alreadyDone);
  }

  /**
   * Like {@link #track(Collection, String, long)}, for elements without a size of their own.
   *
   * @param total number of elements together with those already done; negative: unknown
   */
  default <T> Iterable<T> track(Iterable<T> rest, long total, String unit, long alreadyDone) {
    return new TrackedIterable<>(rest, total, unit, alreadyDone, this);
  }

  /**
   * Replaces the job's result. It is committed when the job succeeds.
   *
   * @throws IllegalArgumentException if a value cannot be encoded, or if the result exceeds 65,536
   *     bytes
   */
  void result(Map<String, ?> result);

  /**
   * Sends everything reported so far and waits until it is committed. Rarely needed: everything is
   * committed when the handler returns.
   *
   * <p>Waits no longer than the client's {@code callTimeout}; {@link #flush(Duration)} waits as
   * long as it is told.
   *
   * @throws LeaseLostException if the attempt lost its lease
   * @throws ServerUnavailableException if the server does not commit it in time. Nothing is lost:
   *     it is sent as soon as the server responds again
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  void flush() throws InterruptedException;

  /**
   * Like {@link #flush()}, with a time-out.
   *
   * @return false if the server did not commit everything in time
   * @throws LeaseLostException if the attempt lost its lease
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  boolean flush(Duration timeout) throws InterruptedException;

  /** A time during which a context is current on a thread. */
  interface Scope extends AutoCloseable {
    /**
     * Restores what was current before; does nothing if it was called before.
     *
     * @throws IllegalStateException if it is called on another thread
     */
    @Override
    void close();
  }
}
