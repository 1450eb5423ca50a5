package dev.milepost.client;

import java.util.Map;

/**
 * Says how a job goes: progress, stage, log lines, outcome.
 *
 * <p>Every method is cheap, and safe for use by several threads: what is said is gathered and sent
 * soon, several calls in one report. Of progress only the latest is sent; log lines are all kept,
 * in order. Only where lines are written much faster than the server takes them (10,000 lines or 8
 * MiB unsent) is the writer slowed down. Texts beyond the server's limits are cut visibly; a log
 * line is split instead.
 *
 * <p>Contexts are maps of anything: what cannot be encoded is written down as text.
 */
public interface JobLogger {
  /** Goes on to a stage. */
  void setStage(String name);

  /**
   * Goes on to a stage, or changes the detail of the present one.
   *
   * @param name name for people, at most 256 characters
   * @param detail what exactly, at most 1,024 characters; may be empty
   */
  void setStage(String name, String detail);

  /** Sets the number of units in all; negative: nobody knows. */
  void setTotal(long total);

  /** One more unit is done. */
  void incrementProgress();

  /** Some more units are done. */
  void incrementProgress(long units);

  /** Sets the number of units done. */
  void setProgress(long current);

  /**
   * Sets the whole progress.
   *
   * @param current units done
   * @param total units in all; negative: nobody knows
   * @param unit what is counted: "bytes"
   */
  void setProgress(long current, long total, String unit);

  /**
   * Sets how much is done, 0.0 to 1.0, where units do not tell; what units would tell is ignored
   * then.
   */
  void setFraction(double fraction);

  /** Sets the one line for people that goes with the progress. */
  void message(String message);

  /** Some more units went well. */
  void addSucceeded(long units);

  /** Some more units failed. */
  void addFailed(long units);

  /** Some more units were passed over. */
  void addSkipped(long units);

  /** Writes a line for whoever debugs the work. */
  void debug(String message);

  /** Writes a line for whoever debugs the work, with context. */
  void debug(String message, Map<String, ?> context);

  /** Writes an ordinary line. */
  void info(String message);

  /** Writes an ordinary line with context. */
  void info(String message, Map<String, ?> context);

  /** Writes a line about a step that users care about. */
  void milestone(String message);

  /** Writes a line about a step that users care about, with context. */
  void milestone(String message, Map<String, ?> context);

  /** Writes a line about something that went wrong and that the work gets over. */
  void warning(String message);

  /** Writes a warning with context. */
  void warning(String message, Map<String, ?> context);

  /** Writes a warning with its cause, whose class, message and stack trace go into the context. */
  void warning(String message, Throwable cause);

  /** Writes a warning with context and cause. */
  void warning(String message, Map<String, ?> context, Throwable cause);

  /** Writes a line about something that went wrong and that the work may not get over. */
  void error(String message);

  /** Writes an error with context. */
  void error(String message, Map<String, ?> context);

  /** Writes an error with its cause, whose class, message and stack trace go into the context. */
  void error(String message, Throwable cause);

  /** Writes an error with context and cause. */
  void error(String message, Map<String, ?> context, Throwable cause);

  /**
   * Adds to a named counter of the outcome.
   *
   * @param name 1 to 64 characters; a job has at most 64 counters
   */
  void addOutcome(String name, long units);

  /** Sets named counters of the outcome; those not named stay. */
  void saveOutcome(Map<String, ? extends Number> outcome);

  /**
   * Writes a line that sums up this attempt: time taken, units, counters. Written by itself when
   * the handler ends, well or badly, after anything was counted, unless the handler wrote one.
   */
  void logSummary();
}
