package dev.milepost.server.app;

/** The call that started a bulk change. Used on any thread, also after the call has ended. */
public interface BulkCall {
  /** Returns whether the call was cancelled: the change then stops after its current slice. */
  boolean isCancelled();

  /** Receives the id of each changed job after the commit. */
  void changed(String jobId);
}
