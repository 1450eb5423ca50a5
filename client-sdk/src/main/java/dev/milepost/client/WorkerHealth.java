package dev.milepost.client;

import java.util.Optional;

/**
 * How a worker is doing, for health checks.
 *
 * @param state whether it claims jobs
 * @param problem what is wrong, for people; empty if nothing is
 */
public record WorkerHealth(State state, Optional<String> problem) {
  /** Whether a worker claims jobs. */
  public enum State {
    /** It has been started, and no claim has been answered yet. */
    STARTING,
    /** The server answers its claims. */
    READY,
    /** The server does not answer, or refuses its claims; it tries again. */
    RETRYING,
    /** It was closed, or its client was. */
    CLOSED,
    /** It can never work, and has stopped; {@link Worker#stopped()} has the exception. */
    FAILED
  }

  /** Returns whether it claims jobs: the answer to a readiness probe. */
  public boolean isReady() {
    return state == State.READY;
  }

  /**
   * Returns whether it claims jobs or will do so by itself: the answer to a liveness probe, as a
   * worker that does not must be started again.
   */
  public boolean isLive() {
    return state != State.CLOSED && state != State.FAILED;
  }
}
