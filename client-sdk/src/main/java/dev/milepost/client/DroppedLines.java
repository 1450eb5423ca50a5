package dev.milepost.client;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Lines that were dropped and that no report tells of yet. Not thread-safe. */
final class DroppedLines {
  private final Map<LogLevel, Long> counts = new EnumMap<>(LogLevel.class);
  private long items;
  private Instant first = Instant.EPOCH;
  private Instant last = Instant.EPOCH;

  boolean isEmpty() {
    return counts.isEmpty() && items == 0;
  }

  /** Number of lines. */
  long count() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  void add(LogLevel level) {
    mark();
    counts.merge(level, 1L, Long::sum);
  }

  void addItem() {
    mark();
    items++;
  }

  private void mark() {
    last = Instant.now();
    if (isEmpty()) {
      first = last;
    }
  }

  /** Returns the line that stands in the journal where lines are missing. */
  LogEntry marker() {
    String levels =
        counts.entrySet().stream()
            .map(level -> level.getValue() + " " + name(level.getKey()))
            .collect(Collectors.joining(", "));
    String what = count() + " log lines" + (levels.isEmpty() ? "" : " (" + levels + ")");
    String ofItems = items == 0 ? "" : " and " + items + " item states";
    String text =
        what
            + ofItems
            + " were dropped from "
            + first.truncatedTo(ChronoUnit.MILLIS)
            + " to "
            + last.truncatedTo(ChronoUnit.MILLIS)
            + ": the server accepted too few of them.";
    Struct context =
        Struct.newBuilder()
            .putFields("dropped_lines", Value.newBuilder().setNumberValue((double) count()).build())
            .build();
    return LogEntry.newBuilder()
        .setLevel(LogLevel.LOG_LEVEL_WARNING)
        .setMessage(text)
        .setContext(context)
        .setWriteTime(Times.timestamp(last))
        .build();
  }

  private static String name(LogLevel level) {
    return level.name().replace("LOG_LEVEL_", "");
  }
}
