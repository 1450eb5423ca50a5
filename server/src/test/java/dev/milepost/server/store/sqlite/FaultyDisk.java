package dev.milepost.server.store.sqlite;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk whose flushes a test can hold back or fail. */
public final class FaultyDisk {
  private final AtomicInteger commits = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final Semaphore free = new Semaphore(1_000_000);
  private volatile boolean failing;

  /** Opens a store on this disk. */
  public JobStore open(Path file, StoreClock clock) {
    return SqliteJobStore.open(file, clock, 1_000, options(1_000), CommitObserver.NONE);
  }

  /**
   * Options of a store on this disk with this maximum size of a group. The writer never flushes
   * itself, and so continues while a flush is held back.
   */
  SqliteOptions options(int groupLimit) {
    return new SqliteOptions(
        groupLimit, Duration.ofMillis(1), 0, 1_000, 0, commits::incrementAndGet, this::beforeFlush);
  }

  private void beforeFlush() {
    begun.incrementAndGet();
    free.acquireUninterruptibly();
    free.release();
    if (failing) {
      // Only once: the result of a later flush would mean nothing.
      failing = false;
      throw new UncheckedIOException(new IOException("on purpose"));
    }
  }

  /** Lets the next flush fail. */
  public void fail() {
    failing = true;
  }

  /** Holds flushes back from now on. */
  void hold() {
    free.drainPermits();
  }

  /** Lets flushes continue. */
  void release() {
    free.release(1_000_000);
  }

  /** Groups that were written to the log, flushed or not. */
  int commits() {
    return commits.get();
  }

  /** Flushes that have begun. */
  int begun() {
    return begun.get();
  }
}
