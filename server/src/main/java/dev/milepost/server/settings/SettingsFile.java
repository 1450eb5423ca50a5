package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A file with settings that differ from the defaults (HOCON). */
public final class SettingsFile {
  private SettingsFile() {}

  /**
   * Reads a file and completes it with the defaults.
   *
   * @param file null: the defaults alone
   * @throws SettingsException if the file is missing or malformed
   */
  public static Config load(@Nullable Path file) {
    if (file == null) {
      return ConfigFactory.load();
    }
    if (!Files.isReadable(file)) {
      throw new SettingsException("The settings file " + file + " cannot be read.");
    }
    try {
      return ConfigFactory.load(ConfigFactory.parseFile(file.toFile()));
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings file " + file + " is invalid", e);
    }
  }

  /**
   * Returns the token file that a settings file names; empty if it names none. Ignores every other
   * setting, so that tokens can be created before the rest is complete.
   *
   * @param file null: the defaults alone
   * @throws SettingsException if the file is missing or malformed
   */
  public static Optional<Path> tokenFile(@Nullable Path file) {
    try {
      return Values.file(load(file), "milepost.auth.tokens.file");
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings are invalid", e);
    }
  }
}
