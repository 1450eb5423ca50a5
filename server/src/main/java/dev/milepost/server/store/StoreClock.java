package dev.milepost.server.store;

import dev.milepost.server.job.ClockReading;
import java.time.Instant;
import java.time.InstantSource;

/** The clock by which a store's decisions are made. Thread-safe. */
public interface StoreClock extends InstantSource {
  /** Reads the clock. Quick; does not block. */
  ClockReading read();

  /** Returns a clock of which nothing but the time is known, for tools that tick no jobs. */
  static StoreClock of(InstantSource time) {
    return new StoreClock() {
      @Override
      public ClockReading read() {
        return ClockReading.at(time.instant());
      }

      @Override
      public Instant instant() {
        return time.instant();
      }
    };
  }
}
