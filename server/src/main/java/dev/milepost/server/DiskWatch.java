package dev.milepost.server;

import dev.milepost.server.app.DiskFloor;
import dev.milepost.server.concurrent.ThreadFactories;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the free disk space every second, on its own thread: a file system that does not answer
 * then delays nothing else.
 */
final class DiskWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-free-disk"));

  /** Checks once, which may block, and from then on every second. */
  DiskWatch(DiskFloor floor) {
    floor.check();
    var unused = thread.scheduleWithFixedDelay(() -> check(floor), 1, 1, TimeUnit.SECONDS);
  }

  private static void check(DiskFloor floor) {
    try {
      floor.check();
    } catch (RuntimeException | Error e) {
      LOG.error("The free disk space could not be checked.", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
