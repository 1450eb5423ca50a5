package dev.milepost.cli;

/**
 * Exit codes of the commands. Scripts depend on them; docs/CLI.md lists them.
 *
 * <p>A program that is killed by a signal has 128 plus the signal's number, as in any shell.
 */
public final class ExitCodes {
  /** It was done. */
  public static final int OK = 0;

  /** The server refused it, or it could not be done here. */
  public static final int FAILED = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** The server cannot be reached. */
  public static final int UNREACHABLE = 3;

  /** The job that was waited for has failed. */
  public static final int JOB_FAILED = 4;

  /** The job that was waited for was cancelled. */
  public static final int JOB_CANCELLED = 5;

  /** The time to wait is over. */
  public static final int TIMED_OUT = 6;

  private ExitCodes() {}
}
