package dev.milepost.server.access;

import dev.milepost.server.concurrent.RepeatLimit;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The audit log. Each change has its line. Of calls that were refused, each caller has a few lines
 * a minute, and then one line with their number, so that no caller can fill the log: not by calls
 * that change nothing. Thread-safe.
 */
public final class AuditLog implements AutoCloseable {
  static final int MAX_LINES = 10;

  private static final Logger AUDIT = LoggerFactory.getLogger("milepost.audit");
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int MAX_LINES_IN_ALL = 60;
  private static final int MAX_CALLERS = 1_000;
  private static final int MAX_SUMS = 60;

  private final RepeatLimit refused =
      new RepeatLimit(MAX_LINES, MAX_LINES_IN_ALL, MAX_CALLERS, INTERVAL);

  /**
   * Creates a log.
   *
   * @param timer writes the sums every minute
   */
  public AuditLog(ScheduledExecutorService timer) {
    var unused =
        timer.scheduleWithFixedDelay(
            this::sum, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns whether calls are logged at all. */
  public boolean isEnabled() {
    return AUDIT.isInfoEnabled();
  }

  /** Logs a call that was made. */
  public void made(Level level, Supplier<String> line) {
    if (AUDIT.isEnabledForLevel(level)) {
      AUDIT.atLevel(level).log(line.get());
    }
  }

  /**
   * Logs a call that was refused, or only counts it if its caller has had many. At level DEBUG each
   * one is logged.
   *
   * @param who the caller or its address, as the line names it
   * @param code the status of the call
   */
  public void refused(String who, String code, Supplier<String> line) {
    if (refused.count(who + " code=" + code) > 0) {
      made(Level.INFO, line);
    } else {
      made(Level.DEBUG, line);
    }
  }

  /** Writes the numbers of the calls that were only counted. */
  void sum() {
    long others = 0;
    int written = 0;
    for (RepeatLimit.Hidden hidden : refused.drain()) {
      if (written < MAX_SUMS && !hidden.kind().equals(RepeatLimit.OTHERS)) {
        AUDIT.info("{} more={}", hidden.kind(), hidden.times());
        written++;
      } else {
        others += hidden.times();
      }
    }
    if (others > 0) {
      AUDIT.info("others more={}", others);
    }
  }

  @Override
  public void close() {
    sum();
  }
}
