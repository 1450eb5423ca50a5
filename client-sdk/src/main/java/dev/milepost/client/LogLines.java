package dev.milepost.client;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Creates log entries within the contract's limits. */
final class LogLines {
  static final int MAX_MESSAGE = 16_384;

  private static final int MAX_CONTEXT_BYTES = 16_384;
  private static final int MAX_TRACE = 8_192;

  /** Characters kept of a context that is too large; within the limit even at 4 bytes each. */
  private static final int MAX_CUT_CONTEXT = 2_500;

  private LogLines() {}

  /** Returns one entry, or several in order if the message is too long for one. */
  static List<LogEntry> of(
      LogLevel level, String message, Map<String, ?> context, @Nullable Throwable cause) {
    Timestamp time = Times.timestamp(Instant.now());
    List<LogEntry> lines = new ArrayList<>(1);
    for (String piece : Texts.split(message.isEmpty() ? " " : message, MAX_MESSAGE)) {
      lines.add(LogEntry.newBuilder().setLevel(level).setMessage(piece).setWriteTime(time).build());
    }
    if (!context.isEmpty() || cause != null) {
      lines.set(0, lines.get(0).toBuilder().setContext(context(context, cause)).build());
    }
    return lines;
  }

  private static Struct context(Map<String, ?> context, @Nullable Throwable cause) {
    Map<String, Object> all = new LinkedHashMap<>();
    if (cause != null) {
      all.put("exception", cause.getClass().getName());
      all.put("exception_message", Texts.cut(String.valueOf(cause.getMessage()), 1_024));
    }
    Struct given = Structs.lenient(context);
    Struct struct = Structs.lenient(all).toBuilder().mergeFrom(given).build();
    if (struct.getSerializedSize() > MAX_CONTEXT_BYTES) {
      all.put("context_cut", Texts.cut(String.valueOf(context), MAX_CUT_CONTEXT));
      return Structs.lenient(all);
    }
    if (cause != null) {
      int maxTrace = (MAX_CONTEXT_BYTES - 64 - struct.getSerializedSize()) / 4;
      if (maxTrace > 0) {
        Map<String, String> trace =
            Map.of("stack_trace", Texts.stackTrace(cause, Math.min(maxTrace, MAX_TRACE)));
        return struct.toBuilder().mergeFrom(Structs.lenient(trace)).build();
      }
    }
    return struct;
  }
}
