package dev.milepost.server.store.sqlite;

import dev.milepost.server.concurrent.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports a long read that keeps the write-ahead log from being moved into the database, so that it
 * grows: at a size, then each time it has doubled or a minute has passed, and when the read has
 * ended. Names the process if it is another one and the system can tell.
 */
final class LogPin {
  private static final Logger LOG = LoggerFactory.getLogger(LogPin.class);
  private static final int PAGE_BYTES = 4_096;
  private static final Duration REMINDER_INTERVAL = Duration.ofMinutes(1);

  private final Path database;
  private final long limit;
  private final TimeSource time;
  private volatile boolean isReported;

  /** When the next report is due: confined to the thread that reports. */
  private long dueNanos;

  private long dueBytes;

  /**
   * A log that is not pinned.
   *
   * @param database the database, without links
   * @param limit size of the log, in bytes, that is reported first
   */
  LogPin(Path database, long limit, TimeSource time) {
    this.database = database;
    this.limit = limit;
    this.time = time;
  }

  /** Returns whether there is something to report. Cheap. */
  boolean concerns(LogState log) {
    return isReported || (!log.isMoved() && bytes(log) >= limit);
  }

  private static long bytes(LogState log) {
    return (long) log.pages() * PAGE_BYTES;
  }

  /** Reports what is due. Reads the open files of all processes; called by one thread at a time. */
  void report(LogState log) {
    if (log.isMoved()) {
      if (isReported) {
        isReported = false;
        LOG.info("The write-ahead log could be moved into the database again.");
      }
      return;
    }
    long now = time.nanoTime();
    if (isReported && bytes(log) < dueBytes && now - dueNanos < 0) {
      return;
    }
    isReported = true;
    dueBytes = 2 * bytes(log);
    dueNanos = now + REMINDER_INTERVAL.toNanos();
    List<String> others = OpenFiles.processesWith(database);
    LOG.warn(
        "A long read keeps the write-ahead log of the database from being moved, so it grows: {}"
            + " MiB. {}",
        bytes(log) >> 20,
        others.isEmpty()
            ? "No other process seems to have the database open."
            : "End the read of " + String.join(", ", others) + ".");
  }
}
