package dev.milepost.server.settings;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Reads single values and checks their range. */
final class Values {
  /** Names of the roles. */
  static final Set<String> ROLES = Set.of("USER", "WORKER", "OPERATOR", "ADMIN");

  private static final int MIN_BYTES = 1024;
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  private Values() {}

  /** Reads a path; empty if the setting is empty. */
  static Optional<Path> file(Config config, String path) {
    return Optional.of(config.getString(path)).filter(file -> !file.isEmpty()).map(Path::of);
  }

  static Duration positive(Config config, String path) {
    Duration duration = config.getDuration(path);
    if (duration.isNegative() || duration.isZero()) {
      throw new SettingsException("The setting " + path + " must be longer than 0.");
    }
    return duration;
  }

  static int range(Config config, String path, int min, int max) {
    int number = config.getInt(path);
    if (number < min || number > max) {
      throw new SettingsException("The setting " + path + " must be " + min + " to " + max + ".");
    }
    return number;
  }

  /** Reads a size that may be left to the server: {@code auto}. */
  static long bytesOr(Config config, String path, long automatic, long min) {
    if (config.getString(path).equals("auto")) {
      return automatic;
    }
    long bytes = config.getMemorySize(path).toBytes();
    if (bytes < min) {
      throw new SettingsException(
          "The setting " + path + " must be auto, or at least " + (min >> 20) + "M.");
    }
    return bytes;
  }

  /** Reads a size that may be 0: no limit. */
  static long bytesOrNone(Config config, String path) {
    long bytes = config.getMemorySize(path).toBytes();
    if (bytes != 0 && bytes < MIN_BYTES) {
      throw new SettingsException("The setting " + path + " must be 0, or at least 1K.");
    }
    return bytes;
  }

  /** Reads a size that may be 0, no limit, and is otherwise at least some mebibytes. */
  static long bytesOrNone(Config config, String path, long min) {
    long bytes = config.getMemorySize(path).toBytes();
    if (bytes != 0 && bytes < min) {
      throw new SettingsException(
          "The setting " + path + " must be 0, or at least " + (min >> 20) + "M.");
    }
    return bytes;
  }

  static int bytes(Config config, String path) {
    long bytes = config.getMemorySize(path).toBytes();
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw new SettingsException("The setting " + path + " must be 1K to 64M.");
    }
    return (int) bytes;
  }
}
