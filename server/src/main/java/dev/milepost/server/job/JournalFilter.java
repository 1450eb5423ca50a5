package dev.milepost.server.job;

import dev.milepost.v1.JobError;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.StateChange;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which entries of a journal.
 *
 * @param minLevel log lines of this level and above; state and stage changes always match
 * @param sinceMicros entries taken in at this time or later, in microseconds since the epoch
 * @param search entries whose text has this in it, in any case; in lower case here
 */
public record JournalFilter(LogLevel minLevel, long sinceMicros, String search) {
  /** The filter of a request that has been validated. */
  public static JournalFilter of(ListJournalRequest request) {
    return new JournalFilter(
        request.getMinLevel(),
        Times.micros(request.getMinTime()),
        request.getSearch().toLowerCase(Locale.ROOT));
  }

  /** Whether an entry is wanted. */
  public boolean matches(JournalEntry entry) {
    return hasLevel(entry, minLevel)
        && Times.micros(entry.getTime()) >= sinceMicros
        && (search.isEmpty()
            || texts(entry).anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(search)));
  }

  /** Whether an entry is of a level or above it; what is no log line always is. */
  public static boolean hasLevel(JournalEntry entry, LogLevel least) {
    return !entry.hasLog() || entry.getLog().getLevelValue() >= least.getNumber();
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
