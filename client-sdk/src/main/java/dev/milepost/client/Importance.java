package dev.milepost.client;

import dev.milepost.v1.LogLevel;

/**
 * What is dropped first when the server accepts nothing for long: content that matters more may
 * fill more memory.
 */
enum Importance {
  /** DEBUG and INFO lines. */
  DETAIL(4),
  /** Other lines, and changes of the stage. */
  EVENT(5),
  /** Items, and what a thread writes that must not wait. */
  STATE(6);

  private static final int WHOLE = 4;

  private final int quarters;

  Importance(int quarters) {
    this.quarters = quarters;
  }

  static Importance of(LogLevel level) {
    return level == LogLevel.LOG_LEVEL_DEBUG || level == LogLevel.LOG_LEVEL_INFO ? DETAIL : EVENT;
  }

  /** Whether so much is used of a limit that no more of this content may be added. */
  boolean isFull(long used, long limit) {
    return used * WHOLE >= limit * quarters;
  }
}
