package dev.milepost.cli;

import java.io.Serial;

/** The command line, the environment or a file that it names is wrong; the message says how. */
public final class UsageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** With a sentence that says what is wrong and what would be right. */
  public UsageException(String message) {
    super(message);
  }
}
