package dev.milepost.testing;

import dev.milepost.v1.LogLevel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A log line of a job.
 *
 * @param level its severity
 * @param message its text
 * @param context its structured context, unmodifiable; whole numbers are {@link Long}, others
 *     {@link Double}. With a cause: its class and message as {@code exception} and {@code
 *     exception_message}
 */
public record LogLine(LogLevel level, String message, Map<String, @Nullable Object> context) {
  @Override
  public String toString() {
    String text = Protos.shortName(level, "LOG_LEVEL_") + " " + message;
    return context.isEmpty() ? text : text + " " + context;
  }
}
