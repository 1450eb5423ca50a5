package dev.milepost.server.upkeep;

import dev.milepost.server.job.JobKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long to wait before a job is ticked again whose tick has failed: twice as long each time.
 * Remembers the jobs that failed last; one that is forgotten begins with the shortest wait.
 * Thread-safe.
 */
final class TickBackoff {
  private static final int MAX_JOBS = 10_000;

  /** The wait after the first failure. */
  static final Duration MIN_WAIT = Duration.ofSeconds(1);

  private static final Duration MAX_WAIT = Duration.ofHours(1);

  private final Map<JobKey, Duration> waits = new LinkedHashMap<>();

  /** Returns how long to wait after one more failure. */
  synchronized Duration failed(JobKey key) {
    Duration last = waits.remove(key);
    Duration wait = last == null ? MIN_WAIT : last.multipliedBy(2);
    if (wait.compareTo(MAX_WAIT) > 0) {
      wait = MAX_WAIT;
    }
    waits.put(key, wait);
    if (waits.size() > MAX_JOBS) {
      waits.remove(waits.keySet().iterator().next());
    }
    return wait;
  }

  /** Forgets the failures of a job. */
  synchronized void succeeded(JobKey key) {
    waits.remove(key);
  }
}
