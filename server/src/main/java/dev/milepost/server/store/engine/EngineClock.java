package dev.milepost.server.store.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The engine's time, computed from this machine's clock and its offset: so the clocks of servers
 * may differ. Thread-safe.
 */
public final class EngineClock implements InstantSource {
  private final InstantSource local;
  private volatile Duration ahead = Duration.ZERO;

  /**
   * Asks the engine for its time.
   *
   * @param <E> failure of the request
   */
  public interface Question<E extends Exception> {
    /** Returns the engine's time at some moment between request and response. */
    Instant ask() throws E;
  }

  /** Returns the local time until the offset is set. */
  public EngineClock(InstantSource local) {
    this.local = local;
  }

  /** Sets the offset. Assumes that request and response take equally long. */
  public <E extends Exception> void set(Question<E> question) throws E {
    Instant asked = local.instant();
    Instant there = question.ask();
    Instant here = asked.plus(Duration.between(asked, local.instant()).dividedBy(2));
    ahead = Duration.between(here, there);
  }

  @Override
  public Instant instant() {
    return local.instant().plus(ahead);
  }
}
