package dev.milepost.server.watch;

import dev.milepost.v1.WatchJobsResponse;
import org.jspecify.annotations.Nullable;

/**
 * Where a watch of many jobs is written to. Called by one thread at a time; no method may block.
 */
public interface ListWatchSink {
  /** Whether what is sent now would leave soon, and not wait in a buffer. */
  boolean isReady();

  /**
   * Sends the next step.
   *
   * @param step all of it but its resume token
   * @param position where to resume from after it; null where that cannot be yet
   */
  void next(WatchJobsResponse.Builder step, @Nullable ListWatchPosition position);

  /** The watch cannot go on. */
  void failed(Throwable reason);
}
