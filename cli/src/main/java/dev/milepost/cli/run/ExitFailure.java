package dev.milepost.cli.run;

import dev.milepost.client.JobFailure;
import java.io.Serial;
import java.util.Map;

/** A program has ended with an exit code other than 0. It has no stack trace: none is of use. */
final class ExitFailure extends JobFailure {
  @Serial private static final long serialVersionUID = 1;

  /**
   * The failure of a program that has ended.
   *
   * @param retryable whether another attempt may be made
   */
  ExitFailure(Program program, int exit, boolean retryable) {
    super(
        "EXIT_CODE", message(exit, program.lastLine()), retryable, Map.of("exit_code", exit), null);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }

  private static String message(int exit, String lastLine) {
    return "Exit code " + exit + (lastLine.isEmpty() ? "" : ": " + lastLine);
  }
}
