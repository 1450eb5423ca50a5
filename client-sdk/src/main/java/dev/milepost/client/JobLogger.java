package dev.milepost.client;

import java.util.Map;

/**
 * Reports how a job is going: progress, stage, log lines and outcome.
 *
 * <p>Every method is cheap and thread-safe: calls are buffered and sent soon after, several in one
 * report. Of the progress, only the latest state is sent; log lines are all kept, in order, unless
 * the server stays away. Texts beyond the server's limits are truncated with an ellipsis; log
 * messages are split into several lines instead, at most 64.
 *
 * <p>Reporting never stops the work. While 10,000 lines or 8 MiB of a job are unsent, a call that
 * writes a line waits for the server, but no longer than a second after the server last accepted
 * something. Then DEBUG and INFO lines are dropped, and, with a quarter more unsent, the others
 * too. Dropped lines are counted: a warning in the job's log says how many there were of each
 * level, and {@code LogCounts.unsent} counts them. See {@link ReportListener}.
 *
 * <p>If an attempt fails and another one follows, the journal and the log stay. What else stays
 * depends on the checkpoint:
 *
 * <ul>
 *   <li><b>Counters of the outcome</b> ({@link #addOutcome}, {@link #saveOutcome}) live for the
 *       job: an attempt that resumes from a checkpoint adds to what the ones before it have
 *       counted. Without a checkpoint the next attempt starts from scratch, and so do they.
 *   <li><b>Progress</b> (current, total, succeeded, failed, skipped, fraction, message) is what
 *       this attempt says. After a resume the server shows the last progress until this attempt
 *       reports its own; {@link JobContext#track(java.util.Collection, String, long)} counts on
 *       from there.
 *   <li>The <b>summary</b> counts this attempt only.
 * </ul>
 *
 * <p>Context maps may hold any values, also null: those that cannot be encoded are written as text,
 * and if reading one throws, that is what its entry says. Of a context beyond 16,384 bytes, some is
 * left out, and the entry {@code context_cut} says so. Null texts are written as "null" in log
 * messages, and as nothing elsewhere.
 */
public interface JobLogger {
  /** Enters a stage. */
  default void setStage(String name) {
    setStage(name, "");
  }

  /**
   * Enters a stage, or changes the detail of the current one.
   *
   * @param name display name, at most 256 characters
   * @param detail what exactly is being done, at most 1,024 characters; may be empty
   */
  void setStage(String name, String detail);

  /** Sets the total number of units; negative: unknown. */
  void setTotal(long total);

  /**
   * Sets the total number of units, and what they are.
   *
   * @param total negative: unknown
   * @param unit what is counted, for example "files"; at most 64 characters
   */
  void setTotal(long total, String unit);

  /** Counts one more unit as done. */
  default void incrementProgress() {
    incrementProgress(1);
  }

  /** Counts more units as done. */
  void incrementProgress(long units);

  /** Sets the number of units done. */
  void setProgress(long current);

  /**
   * Sets the whole progress.
   *
   * @param current units done
   * @param total units in total; negative: unknown
   * @param unit what is counted, for example "bytes"; at most 64 characters
   */
  void setProgress(long current, long total, String unit);

  /**
   * Sets the completed fraction directly, for work that has no units; overrides the fraction
   * derived from units.
   *
   * @param fraction 0.0 to 1.0; values outside are clamped
   * @throws IllegalArgumentException if it is NaN
   */
  void setFraction(double fraction);

  /** Sets the line of text shown with the progress, at most 1,024 characters. */
  void message(String message);

  /** Counts more units as succeeded by this attempt. */
  void addSucceeded(long units);

  /** Counts more units as failed by this attempt. */
  void addFailed(long units);

  /** Counts more units as skipped by this attempt. */
  void addSkipped(long units);

  /** Writes a line for debugging. */
  default void debug(String message) {
    debug(message, Map.of());
  }

  /** Writes a line for debugging, with context. */
  void debug(String message, Map<String, ?> context);

  /** Writes an informational line. */
  default void info(String message) {
    info(message, Map.of());
  }

  /** Writes an informational line with context. */
  void info(String message, Map<String, ?> context);

  /** Writes a line about a step that matters to the job's users. */
  default void milestone(String message) {
    milestone(message, Map.of());
  }

  /** Writes a line about a step that matters to the job's users, with context. */
  void milestone(String message, Map<String, ?> context);

  /** Writes a line about a problem from which the work can recover. */
  default void warning(String message) {
    warning(message, Map.of());
  }

  /** Writes a warning with context. */
  void warning(String message, Map<String, ?> context);

  /** Writes a warning; class, message and stack trace of its cause go into the context. */
  default void warning(String message, Throwable cause) {
    warning(message, Map.of(), cause);
  }

  /** Writes a warning with context and cause. */
  void warning(String message, Map<String, ?> context, Throwable cause);

  /** Writes a line about a problem that may fail the work. */
  default void error(String message) {
    error(message, Map.of());
  }

  /** Writes an error with context. */
  void error(String message, Map<String, ?> context);

  /** Writes an error; class, message and stack trace of its cause go into the context. */
  default void error(String message, Throwable cause) {
    error(message, Map.of(), cause);
  }

  /** Writes an error with context and cause. */
  void error(String message, Map<String, ?> context, Throwable cause);

  /**
   * Adds to a named counter of the outcome, which lives for the job, not only for this attempt.
   *
   * @param name 1 to 64 characters; a job has at most 64 counters, and a warning in its log names
   *     the first one that is left out
   * @throws IllegalArgumentException if the name is empty
   */
  void addOutcome(String name, long units);

  /**
   * Sets named counters of the outcome; other counters keep their values, also those of an earlier
   * attempt from whose checkpoint this one resumes.
   *
   * @param outcome whole numbers of 64 bits, of any class: {@code 3.0} is one, {@code 1.5} is not
   * @throws IllegalArgumentException if a name is empty, or if a value is null or not such a
   *     number; then no counter is set
   */
  void saveOutcome(Map<String, ? extends Number> outcome);

  /**
   * Writes a line that summarizes this attempt: elapsed time, units and counters. Written
   * automatically when the handler ends, if it counted anything and did not call this method.
   */
  void logSummary();
}
