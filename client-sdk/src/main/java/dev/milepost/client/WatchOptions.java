package dev.milepost.client;

import dev.milepost.v1.LogLevel;
import java.time.Duration;

/** How to watch a job: an immutable value, built up by methods that each return a changed copy. */
public final class WatchOptions {
  private static final WatchOptions DEFAULTS =
      new WatchOptions(0, LogLevel.LOG_LEVEL_UNSPECIFIED, false, false, Duration.ofSeconds(45));

  private final long afterSequence;
  private final LogLevel minLevel;
  private final boolean omitStatus;
  private final boolean omitJournal;
  private final Duration silence;

  private WatchOptions(
      long afterSequence,
      LogLevel minLevel,
      boolean omitStatus,
      boolean omitJournal,
      Duration silence) {
    this.afterSequence = afterSequence;
    this.minLevel = minLevel;
    this.omitStatus = omitStatus;
    this.omitJournal = omitJournal;
    this.silence = silence;
  }

  /** Everything, from the beginning of the journal. */
  public static WatchOptions defaults() {
    return DEFAULTS;
  }

  /** Only journal entries after this number: 0 for all. */
  public WatchOptions afterSequence(long sequence) {
    return new WatchOptions(sequence, minLevel, omitStatus, omitJournal, silence);
  }

  /** Only log lines of this level and above; state and stage changes always come. */
  public WatchOptions minLevel(LogLevel level) {
    return new WatchOptions(afterSequence, level, omitStatus, omitJournal, silence);
  }

  /** Without statuses: following the log. */
  public WatchOptions logOnly() {
    return new WatchOptions(afterSequence, minLevel, true, false, silence);
  }

  /** Without the journal: following the progress. */
  public WatchOptions progressOnly() {
    return new WatchOptions(afterSequence, minLevel, false, true, silence);
  }

  /**
   * How long the server may be silent before the connection is taken for dead and made anew; 45 s,
   * three of the server's bookmarks, where unset.
   */
  public WatchOptions idleTimeout(Duration silence) {
    return new WatchOptions(afterSequence, minLevel, omitStatus, omitJournal, silence);
  }

  long afterSequence() {
    return afterSequence;
  }

  LogLevel minLevel() {
    return minLevel;
  }

  boolean omitsStatus() {
    return omitStatus;
  }

  boolean omitsJournal() {
    return omitJournal;
  }

  Duration idleTimeout() {
    return silence;
  }
}
