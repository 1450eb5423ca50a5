package dev.milepost.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what was opened, in reverse order. A part whose closing fails is logged, and the others
 * are closed all the same. Thread-safe.
 */
final class Closer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Closer.class);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Registers a part that has just been opened, and returns it. */
  synchronized <T extends AutoCloseable> T register(T part) {
    opened.push(part);
    return part;
  }

  /** Closes every registered part, the last one first. Further calls do nothing. */
  @Override
  public void close() {
    for (AutoCloseable part = next(); part != null; part = next()) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.error("{} could not be closed.", part.getClass().getSimpleName(), e);
      }
    }
  }

  private synchronized @Nullable AutoCloseable next() {
    return opened.poll();
  }
}
