package dev.milepost.examples.hashtree;

import java.io.Serial;

/** The command line asks for something impossible; the message says why in one sentence. */
final class UsageException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
