package dev.milepost.benchmarks.load;

import java.util.function.LongSupplier;

/**
 * Sends at a fixed rate, however slow the responses are. The latency of a call counts from the time
 * at which it should be sent, so that a stall shows in all calls that it delays, not in one alone
 * (coordinated omission).
 */
public final class OpenLoop {
  private final LongSupplier clock;
  private final Sleeper sleeper;

  /**
   * Creates a loop.
   *
   * @param clock in nanoseconds
   */
  public OpenLoop(LongSupplier clock, Sleeper sleeper) {
    this.clock = clock;
    this.sleeper = sleeper;
  }

  /**
   * Sends until the time is over. Late calls are sent at once and are not skipped.
   *
   * @param startNanos intended time of the first call
   * @return number of calls
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

  /** Sleeps for about the given time. May return early. */
  public interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  /** Sends one call without waiting for the response. */
  public interface Sender {
    void send(long index, long intendedNanos);
  }
}
