package dev.milepost.server.job;

import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.util.List;
import java.util.Set;

/**
 * Selects kinds of journal entries.
 *
 * @param min log lines of this level and above; all if unspecified
 * @param levels log lines of these levels; empty: all
 * @param logsOnly whether state and stage changes are left out
 * @param omitLogs whether log lines are left out
 */
public record JournalLevels(
    LogLevel min, Set<LogLevel> levels, boolean logsOnly, boolean omitLogs) {
  /** Number of levels. */
  private static final int MAX_LEVELS = 5;

  /** Selects everything. */
  public static final JournalLevels ALL =
      new JournalLevels(LogLevel.LOG_LEVEL_UNSPECIFIED, Set.of(), false, false);

  /** Checks the fields {@code min_level} and {@code levels} of a request. */
  public static void validate(FieldChecks checks, LogLevel min, List<LogLevel> levels) {
    checks.known("min_level", min != LogLevel.UNRECOGNIZED);
    checks.check(levels.size() <= MAX_LEVELS, "levels", "must be at most %d".formatted(MAX_LEVELS));
    checks.check(
        levels.stream()
            .allMatch(l -> l != LogLevel.UNRECOGNIZED && l != LogLevel.LOG_LEVEL_UNSPECIFIED),
        "levels",
        "must be levels of log lines");
  }

  /** Returns what a validated request selects. */
  public static JournalLevels of(LogLevel min, List<LogLevel> levels, boolean logsOnly) {
    return new JournalLevels(min, Set.copyOf(levels), logsOnly, false);
  }

  /** Returns the same without log lines. */
  public JournalLevels withoutLogs() {
    return new JournalLevels(min, levels, logsOnly, true);
  }

  /** Whether an entry is selected. */
  public boolean includes(JournalEntry entry) {
    if (!entry.hasLog()) {
      return !logsOnly;
    }
    if (omitLogs) {
      return false;
    }
    LogLevel level = entry.getLog().getLevel();
    return entry.getLog().getLevelValue() >= min.getNumber()
        && (levels.isEmpty() || levels.contains(level));
  }
}
