package dev.milepost.examples.hashtree;

import java.io.Serial;

/** What was asked for cannot be done; the message says why in one sentence. */
final class UsageException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
