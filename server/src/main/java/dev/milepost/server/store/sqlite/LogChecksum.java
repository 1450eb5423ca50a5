package dev.milepost.server.store.sqlite;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The running checksum of SQLite's write-ahead log: two sums, into which the words of a frame go in
 * pairs. Immutable.
 */
record LogChecksum(int first, int second) {
  /** Returns the checksum with a number of bytes added, which is a multiple of 8. */
  LogChecksum with(byte[] bytes, int from, int length, ByteOrder order) {
    ByteBuffer words = ByteBuffer.wrap(bytes, from, length).order(order);
    int a = first;
    int b = second;
    while (words.hasRemaining()) {
      a += words.getInt() + b;
      b += words.getInt() + a;
    }
    return new LogChecksum(a, b);
  }

  /** Returns in how many bits two checksums differ. */
  int bitsOff(LogChecksum other) {
    return Integer.bitCount(first ^ other.first) + Integer.bitCount(second ^ other.second);
  }

  /**
   * Whether this checksum would become another one if a single bit of what is added were different.
   * The sums are linear: a bit changes them by its value times the weight of its word.
   *
   * @param frame what is added: its first bytes, then those from {@code body} on
   * @param head how many of the first bytes
   */
  boolean isOneBitOff(byte[] frame, int head, int body, ByteOrder order, LogChecksum wanted) {
    LogChecksum actual = with(frame, 0, head, order).with(frame, body, frame.length - body, order);
    int missingFirst = wanted.first - actual.first;
    int missingSecond = wanted.second - actual.second;
    // Weights of the word that was added last but one, and last.
    int evenFirst = 1;
    int evenSecond = 1;
    int oddFirst = 0;
    int oddSecond = 1;
    int words = (head + frame.length - body) / Integer.BYTES;
    for (int word = words - 2; word >= 0; word -= 2) {
      if (isBit(
              evenFirst,
              evenSecond,
              missingFirst,
              missingSecond,
              frame,
              order,
              at(word, head, body))
          || isBit(
              oddFirst,
              oddSecond,
              missingFirst,
              missingSecond,
              frame,
              order,
              at(word + 1, head, body))) {
        return true;
      }
      // A pair that is added after another one adds (a + b, a + 2b) of what the other one changed.
      int nextEvenFirst = evenFirst + evenSecond;
      evenSecond = evenFirst + 2 * evenSecond;
      evenFirst = nextEvenFirst;
      int nextOddFirst = oddFirst + oddSecond;
      oddSecond = oddFirst + 2 * oddSecond;
      oddFirst = nextOddFirst;
    }
    return false;
  }

  private static int at(int word, int head, int body) {
    int offset = word * Integer.BYTES;
    return offset < head ? offset : body + offset - head;
  }

  private static boolean isBit(
      int weightFirst,
      int weightSecond,
      int missingFirst,
      int missingSecond,
      byte[] frame,
      ByteOrder order,
      int offset) {
    int value = ByteBuffer.wrap(frame).order(order).getInt(offset);
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      int change = (value & 1 << bit) == 0 ? 1 << bit : -(1 << bit);
      if (weightFirst * change == missingFirst && weightSecond * change == missingSecond) {
        return true;
      }
    }
    return false;
  }
}
