package dev.milepost.server.app;

import dev.milepost.v1.ClaimJobsResponse;

/** The worker's end of a claim. Exactly one of {@link #send} and {@link #fail} is called, once. */
public interface ClaimReply {
  /** Whether the worker has gone: what was claimed for it is then released. */
  boolean isCancelled();

  /** Answers the claim. */
  void send(ClaimJobsResponse response);

  /** Fails the claim. */
  void fail(Throwable reason);
}
