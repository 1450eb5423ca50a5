package dev.milepost.server.transport;

import dev.milepost.server.app.LimitException;
import org.jspecify.annotations.Nullable;

/**
 * What one call reads from the store, one read at a time: it waits for its turn in {@link Reads},
 * and gives back what was reserved for it. Thread-safe; no lock is held while a read begins.
 */
final class CallRead {
  private final BytesInFlight all;
  private final CallBytes call;

  // Guarded by this.
  private @Nullable UserBytes user;
  private String userKey = "";

  /** Begins the read, later; null unless it waits. */
  private @Nullable Runnable waiting;

  /** Whether the service reads, within {@link Reads}: also when the call has ended meanwhile. */
  private boolean isReading;

  private boolean callEnded;

  CallRead(BytesInFlight all, CallBytes call) {
    this.all = all;
    this.call = call;
  }

  /** Names the user whose call it is. Before that, reads begin at once. */
  synchronized void identify(UserBytes caller, String key) {
    user = caller;
    userKey = key;
  }

  /**
   * Begins a read when there is room for its response: at once, or later. Does nothing if the call
   * has ended.
   *
   * @param now begins it, on this thread
   * @param later begins it from any thread; not called if the call has ended by then
   * @throws LimitException if unread responses leave no room for it
   */
  void begin(Runnable now, Runnable later) {
    UserBytes reader;
    synchronized (this) {
      if (callEnded) {
        return;
      }
      reader = user;
      waiting = reader == null ? null : later;
    }
    if (reader == null) {
      now.run();
      return;
    }
    Reads.Turn turn = all.reads().request(this, reader);
    if (turn == Reads.Turn.LATER) {
      leaveIfEnded(reader);
    } else if (take(turn, reader)) {
      now.run();
    }
  }

  /** The call may have ended while its read was added to those that wait. */
  private void leaveIfEnded(UserBytes reader) {
    boolean hasEnded;
    synchronized (this) {
      hasEnded = callEnded;
    }
    if (hasEnded) {
      all.reads().leave(this, reader);
    }
  }

  /** Called by {@link Reads} when the read need not wait any longer. */
  void yourTurn(Reads.Turn turn) {
    UserBytes reader;
    Runnable begin;
    synchronized (this) {
      reader = user;
      begin = waiting;
    }
    if (reader == null || begin == null) {
      // The call has ended meanwhile.
      if (reader != null && turn == Reads.Turn.NOW) {
        all.reads().ended(reader);
      }
      return;
    }
    try {
      if (take(turn, reader)) {
        begin.run();
      }
    } catch (LimitException e) {
      call.end(e);
    }
  }

  /**
   * Takes what was reserved for the read. Returns whether to read: not if the call has ended.
   *
   * @throws LimitException if there is no room for the read
   */
  private boolean take(Reads.Turn turn, UserBytes reader) {
    boolean hasEnded;
    synchronized (this) {
      hasEnded = callEnded;
      waiting = null;
      isReading = turn == Reads.Turn.NOW && !callEnded;
      if (isReading) {
        // The reservation outlives the call, and with it what the user holds.
        var unused = all.openUser(userKey);
      }
    }
    if (hasEnded && turn == Reads.Turn.NOW) {
      all.reads().ended(reader);
    }
    if (turn == Reads.Turn.NEVER) {
      call.requireRoom(Reads.READ_BYTES);
    }
    return !hasEnded;
  }

  /** The service has read: the response counts by itself from now on, or there is none. */
  void ended() {
    UserBytes reader;
    String key;
    synchronized (this) {
      reader = isReading ? user : null;
      key = userKey;
      isReading = false;
    }
    if (reader != null) {
      all.reads().ended(reader);
      all.closeUser(key);
    }
  }

  /** The call has ended: a read that waits never begins. */
  void callEnded() {
    UserBytes waiter;
    synchronized (this) {
      callEnded = true;
      waiter = waiting == null ? null : user;
      waiting = null;
    }
    if (waiter != null) {
      all.reads().leave(this, waiter);
    }
  }
}
