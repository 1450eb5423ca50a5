package dev.milepost.server.log;

import static dev.milepost.server.log.PlainFields.plain;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * Formats an event as one line, in which everything is printable. An exception is part of the line;
 * only a fault of the server (ERROR) is followed by the lines of its stack trace.
 */
final class LineLayout extends LayoutBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneOffset.UTC);

  LineLayout() {}

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
    String level = event.getLevel().toString();
    line.append(' ').append(level).append(" ".repeat(Math.max(1, 6 - level.length())));
    String logger = event.getLoggerName();
    line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
    IThrowableProxy failure = event.getThrowableProxy();
    String message = String.valueOf(event.getFormattedMessage());
    boolean traced = failure != null && event.getLevel().isGreaterOrEqual(Level.ERROR);
    line.append(
        Printable.of(failure == null || traced ? message : message + " " + Causes.line(failure)));
    List<KeyValuePair> fields = event.getKeyValuePairs();
    if (fields != null) {
      fields.forEach(
          field -> line.append(' ').append(field.key).append('=').append(plain(field.value)));
    }
    line.append(System.lineSeparator());
    if (traced) {
      line.append(Causes.trace(failure));
    }
    return line.toString();
  }
}
