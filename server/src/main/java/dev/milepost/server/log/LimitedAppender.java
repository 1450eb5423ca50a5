package dev.milepost.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.milepost.server.concurrent.RepeatLimit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes repeated events a few times a minute, the first one with its stack trace; after that they
 * are counted, and the count is written. So no caller can fill the log by failing again and again.
 *
 * <p>Events below INFO are not limited: who switches them on wants to see each. Neither is the
 * audit log, which has its own limit.
 */
final class LimitedAppender extends ConsoleAppender<ILoggingEvent> {
  static final String AUDIT = "milepost.audit";
  static final int MAX_LINES = 5;

  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final int MAX_KINDS = 100;
  private static final int MAX_LINES_IN_ALL = 200;

  private final RepeatLimit repeats =
      new RepeatLimit(MAX_LINES, MAX_LINES_IN_ALL, MAX_KINDS, INTERVAL);

  /** Writes the counts when the interval ends; null while nothing is hidden. */
  private @Nullable ScheduledFuture<?> summary;

  LimitedAppender() {}

  /**
   * The driver of SQLite reports, with its trace, each copy of its library that it could not delete
   * since another process was faster, which is no problem.
   */
  private static boolean isNoise(ILoggingEvent event) {
    return event.getLoggerName().equals("org.sqlite.SQLiteJDBCLoader")
        && event.getMessage().startsWith("Failed to delete old native lib");
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (isNoise(event)) {
      return;
    }
    if (event.getLoggerName().equals(AUDIT) || !event.getLevel().isGreaterOrEqual(Level.INFO)) {
      super.append(event);
      return;
    }
    write(repeats.next(event.getTimeStamp()));
    int number = repeats.count(kind(event));
    if (number == 0) {
      summarizeLater();
    } else {
      super.append(number == 1 ? event : withoutTrace(event));
    }
  }

  /** What is the same in repeated events: not the values in their messages. */
  private static String kind(ILoggingEvent event) {
    IThrowableProxy failure = event.getThrowableProxy();
    return event.getLevel()
        + " "
        + event.getLoggerName()
        + ": "
        + event.getMessage()
        + (failure == null ? "" : " " + failure.getClassName());
  }

  private static ILoggingEvent withoutTrace(ILoggingEvent event) {
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure == null) {
      return event;
    }
    LoggingEvent shorter =
        line(
            event.getLoggerName(),
            event.getLevel(),
            event.getTimeStamp(),
            event.getFormattedMessage() + " " + Causes.line(failure));
    shorter.setThreadName(event.getThreadName());
    if (event.getKeyValuePairs() != null) {
      event.getKeyValuePairs().forEach(shorter::addKeyValuePair);
    }
    return shorter;
  }

  private static LoggingEvent line(String logger, Level level, long millis, String message) {
    LoggingEvent line = new LoggingEvent();
    line.setLoggerName(logger);
    line.setLevel(level);
    line.setTimeStamp(millis);
    line.setMessage(message);
    line.setMDCPropertyMap(Map.of());
    return line;
  }

  private synchronized void summarizeLater() {
    if (summary == null) {
      summary =
          getContext()
              .getScheduledExecutorService()
              .schedule(this::summarize, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Writes what was hidden. */
  synchronized void summarize() {
    summary = null;
    write(repeats.drain());
  }

  @Override
  public synchronized void stop() {
    if (isStarted()) {
      summarize();
    }
    super.stop();
  }

  private void write(List<RepeatLimit.Hidden> hidden) {
    for (RepeatLimit.Hidden one : hidden) {
      super.append(
          line(
              LimitedAppender.class.getName(),
              Level.WARN,
              System.currentTimeMillis(),
              String.format("%,d more within a minute: %s", one.times(), one.kind())));
    }
  }
}
