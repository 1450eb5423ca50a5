package dev.milepost.server.statistics;

import dev.milepost.server.watch.WatchObserver;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the open watches of this server. Thread-safe. */
public final class OpenWatches implements WatchObserver {
  private final WatchObserver observer;
  private final AtomicInteger open = new AtomicInteger();

  /**
   * No watch is open.
   *
   * @param observer receives every measurement too
   */
  public OpenWatches(WatchObserver observer) {
    this.observer = observer;
  }

  /** Returns how many watches are open. */
  public int count() {
    return open.get();
  }

  @Override
  public void opened() {
    open.incrementAndGet();
    observer.opened();
  }

  @Override
  public void closed() {
    open.decrementAndGet();
    observer.closed();
  }

  @Override
  public void delivered(long nanos) {
    observer.delivered(nanos);
  }

  @Override
  public void scanned(int behind, long maxEntries) {
    observer.scanned(behind, maxEntries);
  }
}
