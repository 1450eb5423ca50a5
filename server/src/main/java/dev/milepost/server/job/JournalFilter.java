package dev.milepost.server.job;

import dev.milepost.v1.JobError;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.StateChange;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Selects entries of a journal.
 *
 * @param levels which kinds of entries
 * @param attempt entries of this attempt; 0: of all
 * @param minTimeMicros entries received at this time or later, in microseconds since the epoch
 * @param maxTimeMicros entries received before this time
 * @param search entries whose text contains this, ignoring case; must be in lower case
 */
public record JournalFilter(
    JournalLevels levels, int attempt, long minTimeMicros, long maxTimeMicros, String search) {
  /** Returns the filter of a validated request. */
  public static JournalFilter of(ListJournalRequest request) {
    return new JournalFilter(
        JournalLevels.of(request.getMinLevel(), request.getLevelsList(), request.getLogsOnly()),
        request.getAttempt(),
        Times.micros(request.getMinTime()),
        request.hasMaxTime() ? Times.micros(request.getMaxTime()) : Long.MAX_VALUE,
        request.getSearch().toLowerCase(Locale.ROOT));
  }

  /** Whether an entry matches. */
  public boolean matches(JournalEntry entry) {
    long time = Times.micros(entry.getTime());
    return levels.includes(entry)
        && (attempt == 0 || entry.getAttempt() == attempt)
        && time >= minTimeMicros
        && time < maxTimeMicros
        && (search.isEmpty()
            || texts(entry).anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(search)));
  }

  /**
   * Whether some of the entries that were dropped may have matched.
   *
   * @param oldest the oldest entry of their kind that is kept: they came before it
   */
  public boolean mayHaveMatched(JournalEntry oldest) {
    return levels.includes(oldest)
        && oldest.getAttempt() >= attempt
        && Times.micros(oldest.getTime()) >= minTimeMicros;
  }

  private static Stream<String> texts(JournalEntry entry) {
    return switch (entry.getEntryCase()) {
      case LOG -> Stream.of(entry.getLog().getMessage());
      case STAGE_CHANGE ->
          Stream.of(
              entry.getStageChange().getStage().getName(),
              entry.getStageChange().getStage().getDetail());
      case STATE_CHANGE -> texts(entry.getStateChange());
      case DROPPED, ENTRY_NOT_SET -> Stream.empty();
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
