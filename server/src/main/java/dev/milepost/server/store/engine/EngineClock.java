package dev.milepost.server.store.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * An engine's time, as this machine's clock and how far it is off: so that the clocks of servers
 * may differ. Thread-safe.
 */
public final class EngineClock implements InstantSource {
  private final InstantSource local;
  private volatile Duration ahead = Duration.ZERO;

  /**
   * Asks an engine what time it is.
   *
   * @param <E> what that fails with
   */
  public interface Question<E extends Exception> {
    /** The engine's time, some moment between question and answer. */
    Instant ask() throws E;
  }

  /** Says the local time until it is set. */
  public EngineClock(InstantSource local) {
    this.local = local;
  }

  /** Asks the engine; what the way takes is shared out evenly. */
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
