package dev.milepost.server.http.transcode;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Writes to open streams that are silent, so that proxies and clients do not take them for dead,
 * and a client that has left is noticed. One timer serves all streams.
 */
final class KeepAlive {
  private final Duration interval;
  private final Set<StreamExchange> open = ConcurrentHashMap.newKeySet();

  /**
   * @param interval a stream is silent for one to two of these
   */
  KeepAlive(Duration interval) {
    this.interval = interval;
  }

  /** Starts the timer, which ends with the scheduler. */
  void start(Scheduler scheduler) {
    var unused =
        scheduler.schedule(
            () -> {
              // First, so that nothing that fails for a stream ends the timer of all.
              start(scheduler);
              open.forEach(StreamExchange::keepAlive);
            },
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  void add(StreamExchange stream) {
    open.add(stream);
  }

  void remove(StreamExchange stream) {
    open.remove(stream);
  }
}
