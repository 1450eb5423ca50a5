package dev.milepost.server.transport;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets calls read from the store only while there is room for what they read. A response counts
 * when it is sent, but it takes memory from the moment at which it is read: without this, a
 * thousand lists would be read for one that may be sent. Thread-safe.
 *
 * <p>A read that must wait for other reads does so; they end by themselves. One that unread
 * responses leave no room for is refused. Users take turns, so that one with many reads does not
 * hold up the others.
 */
final class Reads {
  /** What a read may take: the largest response, as it is counted when it is sent. */
  static final long READ_BYTES = 2 << 20;

  private final ByteAccount server;

  // Guarded by this.
  private final Map<UserBytes, Set<CallRead>> waiting = new LinkedHashMap<>();
  private long reserved;

  /**
   * No read is in progress.
   *
   * @param server what all calls hold
   */
  Reads(ByteAccount server) {
    this.server = server;
  }

  /** What becomes of a read. */
  enum Turn {
    /** It may begin. */
    NOW,
    /** It begins with {@link CallRead#yourTurn}. */
    LATER,
    /** There is no room for it. */
    NEVER
  }

  /** Requests a read. */
  synchronized Turn request(CallRead read, UserBytes user) {
    Turn turn = waiting.containsKey(user) && !isHopeless(user) ? Turn.LATER : turn(user);
    if (turn == Turn.NOW) {
      reserve(user, READ_BYTES);
    } else if (turn == Turn.LATER) {
      waiting.computeIfAbsent(user, same -> new LinkedHashSet<>()).add(read);
    }
    return turn;
  }

  private Turn turn(UserBytes user) {
    if (isHopeless(user)) {
      return Turn.NEVER;
    }
    boolean hasRoom =
        !user.account().isExceededBy(user.reserved() + READ_BYTES)
            && !server.isExceededBy(reserved + READ_BYTES);
    return hasRoom ? Turn.NOW : Turn.LATER;
  }

  /** Whether there would be no room even if all other reads had ended. */
  private boolean isHopeless(UserBytes user) {
    return user.account().isExceededBy(READ_BYTES) || server.isExceededBy(READ_BYTES);
  }

  private void reserve(UserBytes user, long bytes) {
    reserved += bytes;
    user.reserve(bytes);
  }

  /** A read has ended: its response counts by itself, or there is none. */
  void ended(UserBytes user) {
    Map<CallRead, Turn> turns = new LinkedHashMap<>();
    synchronized (this) {
      reserve(user, -READ_BYTES);
      int before;
      do {
        before = turns.size();
        List.copyOf(waiting.keySet()).forEach(next -> poll(next, turns));
      } while (turns.size() > before);
    }
    turns.forEach(CallRead::yourTurn);
  }

  /** Takes the first read of a user, unless it must go on waiting. The user is then the last. */
  private void poll(UserBytes user, Map<CallRead, Turn> turns) {
    Turn turn = turn(user);
    Set<CallRead> reads = turn == Turn.LATER ? null : waiting.remove(user);
    if (reads == null) {
      return;
    }
    Iterator<CallRead> all = reads.iterator();
    turns.put(all.next(), turn);
    all.remove();
    if (turn == Turn.NOW) {
      reserve(user, READ_BYTES);
    }
    if (!reads.isEmpty()) {
      waiting.put(user, reads);
    }
  }

  /** The call of a read that waits has ended. */
  synchronized void leave(CallRead read, UserBytes user) {
    Set<CallRead> reads = waiting.get(user);
    if (reads != null && reads.remove(read) && reads.isEmpty()) {
      waiting.remove(user);
    }
  }
}
