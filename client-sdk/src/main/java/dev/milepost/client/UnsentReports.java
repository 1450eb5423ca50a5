package dev.milepost.client;

import dev.milepost.v1.LogLevel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the attempts of one client have reported and the server has not accepted: how much memory it
 * takes in all, and what became of calls that found no room. Thread-safe.
 */
final class UnsentReports {
  private static final Logger LOG = LoggerFactory.getLogger(UnsentReports.class);

  private final long maxBytes;
  private final ReportListener listener;
  private final AtomicLong bytes = new AtomicLong();
  private final LongAdder droppedLines = new LongAdder();
  private final LongAdder blockedCalls = new LongAdder();
  private final LongAdder blockedNanos = new LongAdder();

  UnsentReports(long maxBytes, ReportListener listener) {
    this.maxBytes = maxBytes;
    this.listener = listener;
  }

  /** Adds or, if negative, releases memory. */
  void charge(long more) {
    bytes.addAndGet(more);
  }

  /** Whether all attempts together hold as much as content of this importance may fill. */
  boolean isFull(Importance importance) {
    return importance.isFull(bytes.get(), maxBytes);
  }

  void blocked(String jobId, long nanos) {
    blockedCalls.increment();
    blockedNanos.add(nanos);
    try {
      listener.blocked(jobId, Duration.ofNanos(nanos));
    } catch (Throwable e) {
      LOG.warn("The client's report listener threw an exception.", e);
    }
  }

  void dropped(String jobId, LogLevel level) {
    droppedLines.increment();
    try {
      listener.dropped(jobId, level);
    } catch (Throwable e) {
      LOG.warn("The client's report listener threw an exception.", e);
    }
  }

  ReportStatistics statistics() {
    return new ReportStatistics(
        Math.max(0, bytes.get()),
        droppedLines.sum(),
        blockedCalls.sum(),
        Duration.ofNanos(blockedNanos.sum()));
  }
}
