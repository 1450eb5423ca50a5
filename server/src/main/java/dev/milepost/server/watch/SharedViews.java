package dev.milepost.server.watch;

import dev.milepost.v1.Job;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What views show of the jobs that were sent last: one object for all watches, so that what encodes
 * it can share the result. Confined to the hub's executor.
 */
final class SharedViews {
  private static final int SLOTS = 256;

  /** Larger jobs are not kept: they would stay in memory. */
  private static final int MAX_BYTES = 8 * 1024;

  private final @Nullable Shown[] slots = new @Nullable Shown[SLOTS];

  private record Shown(Job job, UnaryOperator<Job> view, Job result) {}

  /** Returns what a view shows of a job. */
  @SuppressWarnings("ReferenceEquality") // To compare two jobs takes as long as to copy one.
  Job of(UnaryOperator<Job> view, Job job) {
    int slot = (System.identityHashCode(job) + System.identityHashCode(view)) & (SLOTS - 1);
    Shown known = slots[slot];
    if (known != null && known.job == job && known.view == view) {
      return known.result;
    }
    Job result = view.apply(job);
    if (job.getSerializedSize() <= MAX_BYTES) {
      slots[slot] = new Shown(job, view, result);
    }
    return result;
  }
}
