package dev.milepost.server.transport;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The connections whose peers do not read what they are sent, oldest first. Each of them holds a
 * buffer full of responses, so that only so many may exist: beyond it the oldest is closed.
 * Thread-safe.
 */
final class PausedReads {
  private static final int MIN_PAUSED = 16;

  /** About what a paused connection holds: Netty's high watermark and its buffers. */
  private static final int BYTES_PER_CONNECTION = 128 * 1024;

  private final int max;

  /** Guarded by itself. */
  private final Set<Channel> paused = new LinkedHashSet<>();

  /**
   * @param bytes what they may hold together
   */
  PausedReads(long bytes) {
    this.max =
        (int) Math.max(MIN_PAUSED, Math.min(Integer.MAX_VALUE, bytes / BYTES_PER_CONNECTION));
  }

  void add(Channel connection) {
    Channel oldest = null;
    synchronized (paused) {
      paused.add(connection);
      if (paused.size() > max) {
        Iterator<Channel> all = paused.iterator();
        oldest = all.next();
        all.remove();
      }
    }
    if (oldest != null) {
      var unused = oldest.close();
    }
  }

  void remove(Channel connection) {
    synchronized (paused) {
      paused.remove(connection);
    }
  }
}
