package dev.milepost.server.job;

import dev.milepost.storage.v1.JournalChunk;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogCounts;
import dev.milepost.v1.LogLevel;
import java.util.ArrayList;
import java.util.List;

/**
 * Limits a journal: of each kind of entry (each log level, stage changes, state changes) the newest
 * {@code cap} are kept.
 *
 * <p>An entry is dropped without being deleted: the n-th entry of a kind no longer counts as kept
 * once the job has n + cap entries of that kind. So readers see exactly the kept entries, and a
 * store can free the space later.
 */
public final class JournalCap {
  /** Number of kinds of entries. */
  static final int KINDS = 7;

  private JournalCap() {}

  /** Returns the counts after one more entry. */
  public static LogCounts count(LogCounts before, JournalEntry entry, int cap) {
    LogCounts.Builder counts = before.toBuilder();
    count(counts, entry, cap);
    return counts.build();
  }

  /**
   * Returns the counts up to an entry of a chunk.
   *
   * @param chunk entries in order, with the counts before the first
   * @param sequence sequence of the entry
   */
  public static LogCounts countsUntil(JournalChunk chunk, long sequence) {
    LogCounts.Builder counts = chunk.getBefore().toBuilder();
    for (JournalEntry entry : chunk.getEntriesList()) {
      if (entry.getSequence() <= sequence) {
        count(counts, entry, Integer.MAX_VALUE);
      }
    }
    return counts.build();
  }

  /** Counts one more entry. */
  static void count(LogCounts.Builder counts, JournalEntry entry, int cap) {
    long ordinal =
        switch (entry.getEntryCase()) {
          case STATE_CHANGE ->
              counts.setStateChanges(counts.getStateChanges() + 1).getStateChanges();
          case STAGE_CHANGE ->
              counts.setStageChanges(counts.getStageChanges() + 1).getStageChanges();
          case LOG -> countLine(counts, entry.getLog().getLevel());
          case DROPPED, ENTRY_NOT_SET -> throw withoutContent();
        };
    if (ordinal > cap) {
      counts.setDropped(counts.getDropped() + 1);
    }
  }

  private static long countLine(LogCounts.Builder counts, LogLevel level) {
    return switch (level) {
      case LOG_LEVEL_DEBUG -> counts.setDebug(counts.getDebug() + 1).getDebug();
      case LOG_LEVEL_INFO -> counts.setInfo(counts.getInfo() + 1).getInfo();
      case LOG_LEVEL_MILESTONE -> counts.setMilestone(counts.getMilestone() + 1).getMilestone();
      case LOG_LEVEL_WARNING -> counts.setWarning(counts.getWarning() + 1).getWarning();
      case LOG_LEVEL_ERROR -> counts.setError(counts.getError() + 1).getError();
      case LOG_LEVEL_UNSPECIFIED, UNRECOGNIZED -> throw noLine(level);
    };
  }

  /**
   * Returns the entries of a chunk that are still kept.
   *
   * @param chunk entries in order, with the counts before the first
   * @param counts the current counts of the job
   */
  public static List<KeptEntry> kept(JournalChunk chunk, LogCounts counts, int cap) {
    long[] ordinal = toArray(chunk.getBefore());
    long[] total = toArray(counts);
    List<KeptEntry> kept = new ArrayList<>(chunk.getEntriesCount());
    for (JournalEntry entry : chunk.getEntriesList()) {
      int kind = kind(entry);
      long dropped = Math.max(0, total[kind] - cap);
      ordinal[kind]++;
      if (ordinal[kind] > dropped) {
        kept.add(new KeptEntry(entry, ordinal[kind] == dropped + 1 ? dropped : 0));
      }
    }
    return kept;
  }

  /**
   * An entry that is kept.
   *
   * @param droppedBefore of the oldest one of its kind: how many of the kind were dropped; of all
   *     others 0
   */
  public record KeptEntry(JournalEntry entry, long droppedBefore) {}

  /** Returns the kind of an entry: 0 to 6. */
  static int kind(JournalEntry entry) {
    return switch (entry.getEntryCase()) {
      case STATE_CHANGE -> 6;
      case STAGE_CHANGE -> 5;
      case LOG -> kind(entry.getLog().getLevel());
      case DROPPED, ENTRY_NOT_SET -> throw withoutContent();
    };
  }

  private static int kind(LogLevel level) {
    return switch (level) {
      case LOG_LEVEL_DEBUG -> 0;
      case LOG_LEVEL_INFO -> 1;
      case LOG_LEVEL_MILESTONE -> 2;
      case LOG_LEVEL_WARNING -> 3;
      case LOG_LEVEL_ERROR -> 4;
      case LOG_LEVEL_UNSPECIFIED, UNRECOGNIZED -> throw noLine(level);
    };
  }

  private static IllegalArgumentException withoutContent() {
    return new IllegalArgumentException("a journal entry without content");
  }

  private static IllegalArgumentException noLine(LogLevel level) {
    return new IllegalArgumentException("not the level of a log line: " + level);
  }

  private static long[] toArray(LogCounts counts) {
    long[] array = new long[KINDS];
    array[0] = counts.getDebug();
    array[1] = counts.getInfo();
    array[2] = counts.getMilestone();
    array[3] = counts.getWarning();
    array[4] = counts.getError();
    array[5] = counts.getStageChanges();
    array[6] = counts.getStateChanges();
    return array;
  }
}
