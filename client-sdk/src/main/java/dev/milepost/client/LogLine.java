package dev.milepost.client;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A log line of a job's journal. Immutable.
 *
 * @param sequence its number in the journal, by which a watch can resume
 * @param time when the server received it
 * @param attempt number of the attempt that wrote it
 * @param level its level
 * @param message the line
 * @param context what was written with it, unmodifiable; empty if there is nothing
 * @param stage the stage in which it was written; empty if there was none
 */
public record LogLine(
    long sequence,
    Instant time,
    int attempt,
    LogLevel level,
    String message,
    Map<String, @Nullable Object> context,
    String stage) {
  /** Reads a journal entry; empty if it is no log line, but a change of state or stage. */
  public static Optional<LogLine> of(JournalEntry entry) {
    if (!entry.hasLog()) {
      return Optional.empty();
    }
    LogEntry log = entry.getLog();
    return Optional.of(
        new LogLine(
            entry.getSequence(),
            Times.instant(entry.getTime()),
            entry.getAttempt(),
            log.getLevel(),
            log.getMessage(),
            Structs.map(log.getContext()),
            log.getStage()));
  }
}
