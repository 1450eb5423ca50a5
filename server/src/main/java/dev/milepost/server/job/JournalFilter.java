package dev.milepost.server.job;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
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
  /** Up to here, a double holds each whole number exactly. */
  private static final double MAX_WHOLE = 0x1p53;

  /** Returns the filter of a validated request. */
  public static JournalFilter of(ListJournalRequest request) {
    JournalLevels levels =
        JournalLevels.of(request.getMinLevel(), request.getLevelsList(), request.getLogsOnly());
    return new JournalFilter(
        request.getOmitLogs() ? levels.withoutLogs() : levels,
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
      case LOG ->
          Stream.concat(Stream.of(entry.getLog().getMessage()), texts(entry.getLog().getContext()));
      case STAGE_CHANGE ->
          Stream.of(
              entry.getStageChange().getStage().getName(),
              entry.getStageChange().getStage().getDetail());
      case STATE_CHANGE -> texts(entry.getStateChange());
      case DROPPED, ENTRY_NOT_SET -> Stream.empty();
    };
  }

  /** Keys and values, each for itself: how they are written as JSON is nobody's text. */
  private static Stream<String> texts(Struct context) {
    return context.getFieldsMap().entrySet().stream()
        .flatMap(field -> Stream.concat(Stream.of(field.getKey()), texts(field.getValue())));
  }

  private static Stream<String> texts(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> Stream.of(value.getStringValue());
      case NUMBER_VALUE -> Stream.of(number(value.getNumberValue()));
      case BOOL_VALUE -> Stream.of(Boolean.toString(value.getBoolValue()));
      case STRUCT_VALUE -> texts(value.getStructValue());
      case LIST_VALUE ->
          value.getListValue().getValuesList().stream().flatMap(JournalFilter::texts);
      case NULL_VALUE, KIND_NOT_SET -> Stream.empty();
    };
  }

  /** Whole numbers are written without a fraction, as people search for them. */
  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < MAX_WHOLE
        ? Long.toString((long) value)
        : Double.toString(value);
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
