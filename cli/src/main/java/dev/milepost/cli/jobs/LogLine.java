package dev.milepost.cli.jobs;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import dev.milepost.cli.UsageException;
import dev.milepost.cli.output.Ansi;
import dev.milepost.cli.output.Color;
import dev.milepost.cli.output.Documents;
import dev.milepost.cli.output.SafeText;
import dev.milepost.cli.output.Terminal;
import dev.milepost.cli.output.Times;
import dev.milepost.v1.DroppedEntries;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.StateChange;
import java.time.ZoneId;
import java.util.Locale;

/** Journal entries as lines of a terminal. */
final class LogLine {
  private static final String LEVEL_PREFIX = "LOG_LEVEL_";

  private final Terminal terminal;
  private final ZoneId zone;
  private final boolean fullTimes;

  /**
   * Makes lines.
   *
   * @param fullTimes whether a line begins with date and time, else with the time of day
   */
  LogLine(Terminal terminal, ZoneId zone, boolean fullTimes) {
    this.terminal = terminal;
    this.zone = zone;
    this.fullTimes = fullTimes;
  }

  String of(JournalEntry entry) {
    // When a line was written says more than when it reached the server.
    Timestamp at = entry.getLog().hasWriteTime() ? entry.getLog().getWriteTime() : entry.getTime();
    String time = fullTimes ? Times.exact(at, zone) : Times.clock(at, zone);
    return terminal.paint(Color.DIM, time) + "  " + text(entry);
  }

  /** The level that a user names, in any case. */
  static LogLevel level(String name) {
    try {
      return LogLevel.valueOf(LEVEL_PREFIX + name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "There is no level " + name + ". Levels: debug, info, milestone, warning, error.");
    }
  }

  private String text(JournalEntry entry) {
    return switch (entry.getEntryCase()) {
      case LOG -> log(entry.getLog());
      case STATE_CHANGE -> state(entry.getStateChange(), entry.getAttempt());
      case STAGE_CHANGE ->
          terminal.paint(
              Color.BOLD,
              "STAGE      " + SafeText.line(entry.getStageChange().getStage().getName()));
      case DROPPED -> terminal.paint(Color.DIM, dropped(entry.getDropped()));
      case ENTRY_NOT_SET -> "";
    };
  }

  private String log(LogEntry log) {
    String word = log.getLevel().name().substring(LEVEL_PREFIX.length());
    String level = terminal.paint(color(log.getLevel()), String.format("%-9s", word));
    String context =
        log.hasContext() ? " " + terminal.paint(Color.DIM, context(log.getContext())) : "";
    return level + "  " + SafeText.lines(Ansi.plain(log.getMessage())) + context;
  }

  private String state(StateChange change, int attempt) {
    StringBuilder text = new StringBuilder("STATE      ").append(States.word(change.getToState()));
    if (attempt > 0) {
      text.append(" · attempt ").append(attempt);
    }
    if (!change.getReason().isEmpty()) {
      text.append(" · ").append(SafeText.line(change.getReason()));
    }
    if (change.hasError()) {
      text.append(" · ")
          .append(
              SafeText.line(change.getError().getCode() + ": " + change.getError().getMessage()));
    }
    return terminal.paint(States.color(change.getToState()), text.toString());
  }

  private static String dropped(DroppedEntries dropped) {
    return String.format(
        Locale.ROOT, "── %,d lines dropped by the limit of the journal ──", dropped.getCount());
  }

  private static String context(Struct context) {
    return Documents.jsonLine(context);
  }

  private static Color color(LogLevel level) {
    return switch (level) {
      case LOG_LEVEL_ERROR -> Color.RED;
      case LOG_LEVEL_WARNING -> Color.YELLOW;
      case LOG_LEVEL_MILESTONE -> Color.GREEN;
      case LOG_LEVEL_DEBUG -> Color.DIM;
      case LOG_LEVEL_INFO, LOG_LEVEL_UNSPECIFIED, UNRECOGNIZED -> Color.NONE;
    };
  }
}
