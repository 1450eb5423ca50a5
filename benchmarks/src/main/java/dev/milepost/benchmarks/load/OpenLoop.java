package dev.milepost.benchmarks.load;

import java.util.function.LongSupplier;

/**
 * Sends at a fixed rate, however slow the answers are. Each call has a time at which it is meant to
 * be sent, and its latency counts from there: a stall is then seen by all the calls that fell into
 * it, and not by one alone (coordinated omission).
 */
public final class OpenLoop {
  private final LongSupplier clock;
  private final Sleeper sleeper;

  public OpenLoop(LongSupplier clock, Sleeper sleeper) {
    this.clock = clock;
    this.sleeper = sleeper;
  }

  /**
   * Sends until the time is over. What is late is sent at once, and is not left out.
   *
   * @param startNanos when the first call is meant to be sent
   * @return calls sent
   */
  public long run(long startNanos, long durationNanos, double perSecond, Sender sender)
      throws InterruptedException {
    long calls = Math.round(durationNanos / 1e9 * perSecond);
    for (long i = 0; i < calls; i++) {
      long intended = startNanos + Math.round(i * 1e9 / perSecond);
      for (long wait = intended - clock.getAsLong();
          wait > 0;
          wait = intended - clock.getAsLong()) {
        sleeper.sleep(wait);
      }
      sender.send(i, intended);
    }
    return calls;
  }

  /** Waits about so long. */
  public interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  /** Sends one call, and does not wait for its answer. */
  public interface Sender {
    void send(long index, long intendedNanos);
  }
}
