package dev.milepost.server.job;

import dev.milepost.v1.JobError;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.StateChange;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Selects entries of a journal.
 *
 * @param minLevel log lines of this level and above; state and stage changes always match
 * @param minTimeMicros entries received at this time or later, in microseconds since the epoch
 * @param search entries whose text contains this, ignoring case; must be in lower case
 */
public record JournalFilter(LogLevel minLevel, long minTimeMicros, String search) {
  /** Returns the filter of a validated request. */
  public static JournalFilter of(ListJournalRequest request) {
    return new JournalFilter(
        request.getMinLevel(),
        Times.micros(request.getMinTime()),
        request.getSearch().toLowerCase(Locale.ROOT));
  }

  /** Whether an entry matches. */
  public boolean matches(JournalEntry entry) {
    return hasLevel(entry, minLevel)
        && Times.micros(entry.getTime()) >= minTimeMicros
        && (search.isEmpty()
            || texts(entry).anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(search)));
  }

  /** Whether an entry has a minimum level. Entries other than log lines always do. */
  public static boolean hasLevel(JournalEntry entry, LogLevel min) {
    return !entry.hasLog() || entry.getLog().getLevelValue() >= min.getNumber();
  }

  private static Stream<String> texts(JournalEntry entry) {
    return switch (entry.getEntryCase()) {
      case LOG -> Stream.of(entry.getLog().getMessage());
      case STAGE_CHANGE ->
          Stream.of(
              entry.getStageChange().getStage().getName(),
              entry.getStageChange().getStage().getDetail());
      case STATE_CHANGE -> texts(entry.getStateChange());
      case ENTRY_NOT_SET -> Stream.empty();
    };
  }

  private static Stream<String> texts(StateChange change) {
    JobError error = change.getError();
    return Stream.of(
        EnumNames.of(change.getToState()),
        change.getCause(),
        change.getReason(),
        error.getCode(),
        error.getMessage());
  }
}
