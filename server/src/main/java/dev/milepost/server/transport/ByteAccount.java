package dev.milepost.server.transport;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes in flight that count against one limit. May exceed it: what has arrived has arrived, and
 * the call that exceeds it is ended. Thread-safe.
 */
final class ByteAccount {
  private final long limit;
  private final AtomicLong held = new AtomicLong();

  ByteAccount(long limit) {
    this.limit = limit;
  }

  /** Adds bytes, or takes them back if negative. */
  void add(long bytes) {
    held.addAndGet(bytes);
  }

  /** Returns whether more bytes would exceed the limit. */
  boolean isExceededBy(long more) {
    return held.get() + more > limit;
  }

  long held() {
    return held.get();
  }
}
