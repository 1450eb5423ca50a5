package dev.milepost.server.config;

import java.io.Serial;

/**
 * The server cannot start as it is set. The message is one sentence for people that says what to
 * do.
 */
public final class SettingsException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** A setting cannot be used. */
  public SettingsException(String message) {
    super(message);
  }
}
