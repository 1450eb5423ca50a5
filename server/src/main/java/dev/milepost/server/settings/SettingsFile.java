package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file with settings that differ from the defaults (HOCON). */
public final class SettingsFile {
  private SettingsFile() {}

  /**
   * The settings of a file over the defaults.
   *
   * @param file null: the defaults alone
   * @throws SettingsException where it cannot be used
   */
  public static Config load(@Nullable Path file) {
    if (file == null) {
      return ConfigFactory.load();
    }
    if (!Files.isReadable(file)) {
      throw new SettingsException("The settings file " + file + " cannot be read.");
    }
    return ConfigFactory.load(parse(file));
  }

  private static Config parse(Path file) {
    try {
      return ConfigFactory.parseFile(file.toFile());
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings file " + file + " cannot be used", e);
    }
  }
}
