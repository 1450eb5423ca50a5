package dev.milepost.server.app;

import dev.milepost.v1.ClaimJobsResponse;

/**
 * Sends the result of a claim to its worker. Exactly one of {@link #send} and {@link #fail} is
 * called, once.
 */
public interface ClaimReply {
  /** Returns whether the worker has disconnected: its jobs are then released. */
  boolean isCancelled();

  /** Sends the response. */
  void send(ClaimJobsResponse response);

  /** Fails the claim. */
  void fail(Throwable reason);
}
