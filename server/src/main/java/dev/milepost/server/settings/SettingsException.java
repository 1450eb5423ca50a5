package dev.milepost.server.settings;

import com.typesafe.config.ConfigException;
import java.io.Serial;

/** Thrown if the settings are invalid. The message tells people what to change. */
public final class SettingsException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** Creates an exception with a message of one or two sentences. */
  public SettingsException(String message) {
    super(message);
  }

  /**
   * Returns an exception for malformed input, with the parser's message on one line.
   *
   * @param what what is wrong, without a full stop
   */
  public static SettingsException unreadable(String what, RuntimeException why) {
    String reason = String.valueOf(why.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    if (why instanceof ConfigException.Parse) {
      // The parser quotes what it has read, such as the URL of a store with its password.
      reason = reason.replaceAll(" \\(if you intended .*", "").replaceAll("'.{2,}'", "'...'");
    }
    return new SettingsException(what + ": " + reason + (reason.endsWith(".") ? "" : "."));
  }
}
