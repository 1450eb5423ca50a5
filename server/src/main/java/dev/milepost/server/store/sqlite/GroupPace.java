package dev.milepost.server.store.sqlite;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Lets a group of decisions grow a little before it is begun, when many come at a time.
 *
 * <p>Who has been answered by one commit tends to ask again at once. A writer that begins with the
 * few who come first has the rest wait for a whole commit more, and writes each page for few. So it
 * waits until about as many have come as are under way, but never longer than half of what a commit
 * takes; and not at all where few come, since nothing would be shared then. Used by the writer
 * alone.
 */
final class GroupPace {
  /** Groups smaller than this are not waited for. */
  private static final int FEW = 8;

  private static final long LOOK_NANOS = 20_000;
  private static final long LONGEST_NANOS = 1_000_000;

  private int lastSize;
  private long commitNanos;

  /** A group was committed. */
  void committed(int size, long nanos) {
    lastSize = size;
    // An average, so that one slow flush does not hold up the next group.
    commitNanos += (nanos - commitNanos) / 8;
  }

  /**
   * Waits for a group to grow.
   *
   * @param waiting how many wait now
   */
  void await(IntSupplier waiting) {
    int size = waiting.getAsInt();
    if (lastSize < FEW) {
      return;
    }
    int underWay = lastSize + size;
    long start = System.nanoTime();
    long most = Math.min(commitNanos / 2, LONGEST_NANOS);
    while (size < underWay - underWay / 4 && System.nanoTime() - start < most) {
      LockSupport.parkNanos(this, LOOK_NANOS);
      size = waiting.getAsInt();
    }
  }
}
