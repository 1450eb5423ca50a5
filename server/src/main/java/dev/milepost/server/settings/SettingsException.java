package dev.milepost.server.settings;

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

  /** Settings are malformed: in one line and one sentence, whatever their parser has to say. */
  public static SettingsException unreadable(String what, RuntimeException why) {
    String reason = String.valueOf(why.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    return new SettingsException(what + ": " + reason + (reason.endsWith(".") ? "" : "."));
  }
}
