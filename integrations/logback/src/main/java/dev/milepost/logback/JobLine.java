package dev.milepost.logback;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import dev.milepost.client.JobLogger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * A line of the log as a line of a journal.
 *
 * @param level level of the log
 * @param context what belongs to the line
 */
record JobLine(
    Level level, boolean isMilestone, String message, Map<String, @Nullable Object> context) {
  /** What the client puts into the MDC: every line of the journal has it anyway. */
  private static final Set<String> KNOWN = Set.of("job_id", "job_type", "attempt");

  /** Fits with the rest into the 16,384 bytes of a context, even at 4 bytes a character. */
  private static final int MAX_TRACE = 3_000;

  private static final int MAX_MESSAGE = 1_024;

  static JobLine of(ILoggingEvent event, String milestoneMarker) {
    return new JobLine(
        event.getLevel(),
        hasMarker(event.getMarkerList(), milestoneMarker),
        String.valueOf(event.getFormattedMessage()),
        context(event));
  }

  private static boolean hasMarker(@Nullable List<Marker> markers, String name) {
    return markers != null && markers.stream().anyMatch(marker -> marker.getName().equals(name));
  }

  private static Map<String, @Nullable Object> context(ILoggingEvent event) {
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    context.put("logger", event.getLoggerName());
    event
        .getMDCPropertyMap()
        .forEach(
            (key, value) -> {
              if (!KNOWN.contains(key)) {
                context.put(key, value);
              }
            });
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> context.put(pair.key, pair.value));
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      context.put("exception", thrown.getClassName());
      context.put("exception_message", cut(String.valueOf(thrown.getMessage()), MAX_MESSAGE));
      context.put("stack_trace", cut(ThrowableProxyUtil.asString(thrown), MAX_TRACE));
    }
    return context;
  }

  private static String cut(String text, int characters) {
    return text.length() <= characters ? text : text.substring(0, characters - 1) + "…";
  }

  void writeTo(JobLogger journal) {
    if (isMilestone) {
      journal.milestone(message, context);
    } else if (level.isGreaterOrEqual(Level.ERROR)) {
      journal.error(message, context);
    } else if (level.isGreaterOrEqual(Level.WARN)) {
      journal.warning(message, context);
    } else if (level.isGreaterOrEqual(Level.INFO)) {
      journal.info(message, context);
    } else {
      journal.debug(message, context);
    }
  }
}
