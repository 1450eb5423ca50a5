package dev.milepost.server.watch;

import dev.milepost.v1.WatchJobResponse;

/** Where a watch is written to. Called by one thread at a time; no method may block. */
public interface JobWatchSink {
  /** Whether what is sent now would leave soon, and not wait in a buffer. */
  boolean isReady();

  /** Sends the next step. */
  void next(WatchJobResponse step);

  /** The job has finished, and all of it has been sent. */
  void completed();

  /** The watch cannot go on. */
  void failed(Throwable reason);
}
