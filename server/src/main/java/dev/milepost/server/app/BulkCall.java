package dev.milepost.server.app;

/** The call that a bulk change works for. Used on any thread, also after the call has ended. */
public interface BulkCall {
  /** Whether nobody waits for the answer any more: the change then stops after its slice. */
  boolean isCancelled();

  /** Receives the id of each job that was changed, once the change is committed. */
  void changed(String jobId);
}
