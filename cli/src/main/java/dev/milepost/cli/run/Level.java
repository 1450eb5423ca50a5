package dev.milepost.cli.run;

import java.util.regex.Pattern;

/** The level of a line of output, by the words that programs begin their lines with. */
enum Level {
  DEBUG,
  INFO,
  WARNING,
  ERROR;

  /** As far as a level may stand behind the time and the thread. */
  private static final int PREFIX = 80;

  private static final Pattern ERRORS =
      Pattern.compile("\\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC)\\b|^(?:error|fatal|panic)\\b[: ]");

  private static final Pattern WARNINGS =
      Pattern.compile("\\b(?:WARN|WARNING)\\b|^(?:warn|warning)\\b[: ]");

  private static final Pattern DEBUGS = Pattern.compile("\\b(?:DEBUG|TRACE)\\b");

  /**
   * The level of a line.
   *
   * @param otherwise that of a line without such a word
   */
  static Level of(String line, Level otherwise) {
    String start = line.substring(0, Math.min(line.length(), PREFIX));
    if (ERRORS.matcher(start).find()) {
      return ERROR;
    }
    if (WARNINGS.matcher(start).find()) {
      return WARNING;
    }
    return DEBUGS.matcher(start).find() ? DEBUG : otherwise;
  }
}
