package dev.milepost.client;

import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a handler knows of its job, and all that it can say about it. Safe for use by several
 * threads of one handler.
 */
public interface JobContext {
  /** Id of the job. */
  String jobId();

  /** Name of the job for people: its display name, or its type where it has none. */
  String jobName();

  /** The job as it was when this attempt began. */
  Job job();

  /** Number of this attempt, from 1. */
  int attempt();

  /** Input of the work: an unmodifiable map with typed getters. */
  JobParams params();

  /**
   * What an earlier attempt saved last to go on from, or what this one did; empty where none did.
   */
  Optional<Map<String, @Nullable Object>> checkpoint();

  /**
   * Saves what the next attempt would go on from, in place of what was saved before. It is
   * committed together with (never before) everything reported before it. Does not block; see
   * {@link #flush()}.
   *
   * @throws IllegalArgumentException where a value cannot be encoded, or all of it takes more than
   *     65,536 bytes
   */
  void saveCheckpoint(Map<String, ?> checkpoint);

  /**
   * Whether the work should stop: the job is cancelled, the attempt is lost, or the worker stops.
   */
  boolean isCancelRequested();

  /**
   * Stops the work where {@link #isCancelRequested()}.
   *
   * @throws JobCancelledException where the job is cancelled or the worker stops
   * @throws LeaseLostException where the attempt is over: nothing can be written any more
   */
  void throwIfCancelled();

  /** Why the work should stop, for people; empty where it should not, or nobody said. */
  Optional<String> cancelReason();

  /** Progress, stages, log lines and outcome. */
  JobLogger logger();

  /** Named, weighted parts of the work from which its progress is derived. */
  Pipeline pipeline();

  /** The job's items, and their states. */
  JobItems items();

  /**
   * The items of the job by the project that they belong to: their own, else the job's. Items that
   * belong to none stand first, under the empty string. Reads the items as {@link JobItems#all()}
   * does.
   *
   * @return unmodifiable, by project id; empty where the job has no items
   */
  default Map<String, List<Item>> groupItemsByProject() {
    return JobTargets.groupItemsByProject(job(), items().all());
  }

  /**
   * What there is to work on, project by project, whether the job is about a project, a set of
   * items or everything, as {@link JobTargets#resolveTargets} says. Reads the items as {@link
   * JobItems#all()} does: those that an earlier attempt has done say so in their state.
   *
   * <pre>{@code
   * for (JobTarget target : context.resolveTargets()) {
   *   Project project = target.projectId().map(this::open).orElse(OUTSIDE_OF_ALL);
   *   for (Item item : target.coversAllItems() ? project.allItems() : target.items()) { ... }
   * }
   * }</pre>
   */
  default List<JobTarget> resolveTargets() {
    return JobTargets.resolveTargets(job(), items().all());
  }

  /**
   * Goes through a collection and reports it: sets total and unit, counts each element once the
   * loop is done with it, and stops the loop by {@link #throwIfCancelled()} before each.
   *
   * @param unit what is counted: "files"
   */
  <T> Iterable<T> track(Collection<T> elements, String unit);

  /**
   * Like {@link #track(Collection, String)}, for elements that do not know their number.
   *
   * @param total number of elements; negative where unknown
   */
  <T> Iterable<T> track(Iterable<T> elements, long total, String unit);

  /**
   * Sets what the work gave, in place of what was set before. Written when the job succeeds.
   *
   * @throws IllegalArgumentException where a value cannot be encoded, or all of it takes more than
   *     65,536 bytes
   */
  void result(Map<String, ?> result);

  /**
   * Sends what was reported so far and waits until it is committed. Rarely needed: everything is
   * committed when the handler returns.
   *
   * @throws LeaseLostException where the attempt is over
   * @throws InterruptedException where the thread is interrupted while it waits
   */
  void flush() throws InterruptedException;
}
