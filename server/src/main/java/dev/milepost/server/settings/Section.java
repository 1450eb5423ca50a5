package dev.milepost.server.settings;

import com.typesafe.config.Config;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A group of settings. Reads single values and checks their range; a message about one names the
 * setting in full, and where its value comes from.
 *
 * @param all every setting
 * @param path the group, such as {@code milepost.limits}
 */
record Section(Config all, String path) {
  /** Names of the roles. */
  static final Set<String> ROLES = Set.of("USER", "WORKER", "OPERATOR", "ADMIN");

  private static final int MIN_BYTES = 1024;
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  private String full(String name) {
    return path + "." + name;
  }

  /** Returns a group within this one. */
  Section section(String name) {
    return new Section(all, full(name));
  }

  /**
   * Returns an exception that names a setting, what it must be, and where its value comes from.
   *
   * @param rule what follows "must", such as "be auto or off"
   */
  SettingsException invalid(String name, String rule) {
    return refused(name, "The setting " + full(name) + " must " + rule + ".");
  }

  /** Returns an exception with a sentence about a setting, and where its value comes from. */
  SettingsException refused(String name, String sentence) {
    return new SettingsException(sentence + Origins.setBy(all.getValue(full(name)).origin()));
  }

  String string(String name) {
    return all.getString(full(name));
  }

  boolean flag(String name) {
    return all.getBoolean(full(name));
  }

  List<String> strings(String name) {
    return List.copyOf(all.getStringList(full(name)));
  }

  /** Reads names with a text each. */
  Map<String, String> texts(String name) {
    Map<String, String> texts = new HashMap<>();
    all.getObject(full(name))
        .forEach((key, value) -> texts.put(key, String.valueOf(value.unwrapped())));
    return Map.copyOf(texts);
  }

  /** Reads a path; empty if the setting is empty. */
  Optional<Path> file(String name) {
    try {
      return Optional.of(string(name)).filter(file -> !file.isEmpty()).map(Path::of);
    } catch (InvalidPathException e) {
      throw invalid(name, "be the path of a file");
    }
  }

  /** Reads {@code HOST:PORT}. */
  ListenAddress address(String name) {
    try {
      return ListenAddress.parse(string(name));
    } catch (SettingsException e) {
      throw refused(name, String.valueOf(e.getMessage()));
    }
  }

  Duration duration(String name) {
    return all.getDuration(full(name));
  }

  Duration positive(String name) {
    Duration duration = duration(name);
    if (duration.isNegative() || duration.isZero()) {
      throw invalid(name, "be longer than 0");
    }
    return duration;
  }

  int range(String name, int min, int max) {
    int number = all.getInt(full(name));
    if (number < min || number > max) {
      throw invalid(name, "be " + min + " to " + max);
    }
    return number;
  }

  /** Reads a size of any number of bytes. */
  long size(String name) {
    return all.getMemorySize(full(name)).toBytes();
  }

  /** Reads a size that may be left to the server: {@code auto}. */
  long bytesOr(String name, long automatic, long min) {
    if (string(name).equals("auto")) {
      return automatic;
    }
    long bytes = size(name);
    if (bytes < min) {
      throw invalid(name, "be auto, or at least " + (min >> 20) + "M");
    }
    return bytes;
  }

  /** Reads a size that may be 0: no limit. */
  long bytesOrNone(String name) {
    long bytes = size(name);
    if (bytes != 0 && bytes < MIN_BYTES) {
      throw invalid(name, "be 0, or at least 1K");
    }
    return bytes;
  }

  /** Reads a size that may be 0, no limit, and is otherwise at least some mebibytes. */
  long bytesOrNone(String name, long min) {
    long bytes = size(name);
    if (bytes != 0 && bytes < min) {
      throw invalid(name, "be 0, or at least " + (min >> 20) + "M");
    }
    return bytes;
  }

  int bytes(String name) {
    long bytes = size(name);
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw invalid(name, "be 1K to 64M");
    }
    return (int) bytes;
  }
}
