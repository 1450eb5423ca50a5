package dev.milepost.client;

import dev.milepost.v1.LogLevel;
import java.time.Duration;

/**
 * Is told when handlers report faster than the server accepts it, for a log or an alert. Meters can
 * read {@link JobClient#reportStatistics()} instead.
 *
 * <p>The methods are called on the thread that reported, so they must be fast and thread-safe. What
 * they throw is logged.
 */
public interface ReportListener {
  /**
   * A call had to wait for the server.
   *
   * @param jobId job on which it reported
   * @param time how long it waited; a second at most
   */
  default void blocked(String jobId, Duration time) {}

  /**
   * A log line, or a change of the stage as an INFO line, was dropped, because too much is unsent.
   *
   * @param jobId job to whose log it belonged
   * @param level its level
   */
  default void dropped(String jobId, LogLevel level) {}
}
