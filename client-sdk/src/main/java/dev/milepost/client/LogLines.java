package dev.milepost.client;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Creates log entries within the contract's limits. */
final class LogLines {
  static final int MAX_MESSAGE = 16_384;

  /** What the methods without a context pass on. */
  private static final Map<String, ?> NO_CONTEXT = Map.of();

  /** What is kept of a message that needs several lines: 64 of them. */
  private static final int MAX_SPLIT = 64 * MAX_MESSAGE;

  private static final int MAX_CONTEXT_BYTES = 16_384;
  private static final int MAX_EXCEPTION_MESSAGE = 1_024;
  private static final int MAX_TRACE = 8_192;

  /** Kept free for the stack trace, however large the context is. */
  private static final int MIN_TRACE_BYTES = 4_096;

  private LogLines() {}

  /**
   * Returns one entry, or several in order if the message is too long for one. Never fails,
   * whatever it is given.
   */
  static List<LogEntry> of(
      LogLevel level,
      @Nullable String message,
      @Nullable Map<String, ?> context,
      @Nullable Throwable cause) {
    Timestamp time = Times.timestamp(Instant.now());
    Struct struct =
        cause == null && (context == null || context == NO_CONTEXT)
            ? Struct.getDefaultInstance()
            : context(context, cause);
    String text = Texts.wellFormed(message == null ? "null" : message);
    if (!Texts.isLonger(text, MAX_MESSAGE)) {
      return List.of(entry(level, text.isEmpty() ? " " : text, time, struct));
    }
    List<LogEntry> lines = new ArrayList<>();
    for (String piece : Texts.split(Texts.cut(text, MAX_SPLIT), MAX_MESSAGE)) {
      lines.add(entry(level, piece, time, lines.isEmpty() ? struct : Struct.getDefaultInstance()));
    }
    return lines;
  }

  private static LogEntry entry(LogLevel level, String message, Timestamp time, Struct context) {
    LogEntry.Builder line =
        LogEntry.newBuilder().setLevel(level).setMessage(message).setWriteTime(time);
    return context.getFieldsCount() == 0 ? line.build() : line.setContext(context).build();
  }

  private static Struct context(@Nullable Map<String, ?> context, @Nullable Throwable cause) {
    StructEncoder encoder = StructEncoder.lenient(MAX_CONTEXT_BYTES);
    encoder.reserve(Structs.CUT_BYTES);
    if (cause != null) {
      String message = ThrowableText.message(cause);
      encoder.put("exception", UserCode.className(cause));
      encoder.put("exception_message", Texts.cut(message, MAX_EXCEPTION_MESSAGE));
      encoder.reserve(MIN_TRACE_BYTES);
    }
    encoder.putAll(context);
    if (cause != null) {
      encoder.reserve(-MIN_TRACE_BYTES);
      encoder.put("stack_trace", ThrowableText.trace(cause, MAX_TRACE));
    }
    return Structs.closed(encoder, "context_cut", MAX_CONTEXT_BYTES);
  }
}
