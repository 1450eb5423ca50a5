package dev.milepost.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.LayoutBase;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * Formats an event as one JSON object in one line. The fields of the event are members of it. An
 * exception is the member {@code error}; a fault of the server (ERROR) also has its {@code trace}.
 */
final class JsonLayout extends LayoutBase<ILoggingEvent> {
  JsonLayout() {}

  @Override
  public String doLayout(ILoggingEvent event) {
    JsonLine line =
        JsonLine.event(event.getTimeStamp(), event.getLevel().toString(), event.getLoggerName());
    line.text("thread", String.valueOf(event.getThreadName()));
    line.text("message", String.valueOf(event.getFormattedMessage()));
    List<KeyValuePair> fields = event.getKeyValuePairs();
    if (fields != null) {
      fields.forEach(field -> line.field(field.key, field.value));
    }
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      line.text("error", Causes.line(failure));
      if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
        line.texts("trace", Causes.trace(failure).lines().map(String::strip).toList());
      }
    }
    return line.end() + System.lineSeparator();
  }
}
