package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A setting as {@code reference.conf} defines it.
 *
 * @param path such as {@code milepost.limits.user-streams}
 * @param value the default, with the comments before it
 */
record Setting(String path, ConfigValue value) {
  /** The group of all settings. */
  static final String ROOT = "milepost";

  /** Shorter names of variables than the rule gives, by path. */
  private static final Map<String, String> SHORT_VARIABLES =
      Map.of(
          "milepost.jobs.retention.succeeded", "MILEPOST_KEEP_SUCCEEDED",
          "milepost.jobs.retention.failed", "MILEPOST_KEEP_FAILED",
          "milepost.jobs.retention.cancelled", "MILEPOST_KEEP_CANCELLED");

  /** Options of the command line, by path. */
  private static final Map<String, String> OPTIONS =
      Map.of(
          "milepost.store", "--store",
          "milepost.accept-data-loss", "--accept-data-loss",
          "milepost.import-from", "--import-from",
          "milepost.listen", "--listen",
          "milepost.http.listen", "--http-listen",
          "milepost.tasks.file", "--tasks",
          "milepost.log.format", "--log-format",
          "milepost.jobs.retention.succeeded", "--keep-succeeded",
          "milepost.jobs.retention.failed", "--keep-failed",
          "milepost.jobs.retention.cancelled", "--keep-cancelled");

  private static final Config REFERENCE =
      ConfigFactory.parseResources(Setting.class.getClassLoader(), "reference.conf");

  private static final Map<String, Setting> ALL = read();

  /** Returns the defaults, without anything that overrides them. */
  static Config defaults() {
    return REFERENCE;
  }

  /** Returns every setting by path, in the order of {@code reference.conf}. */
  static Map<String, Setting> all() {
    return ALL;
  }

  private static Map<String, Setting> read() {
    Map<String, Setting> found = new LinkedHashMap<>();
    collect(ROOT, REFERENCE.getObject(ROOT), found);
    return Collections.unmodifiableMap(found);
  }

  private static void collect(String path, ConfigObject group, Map<String, Setting> found) {
    group.entrySet().stream()
        .sorted((a, b) -> Integer.compare(line(a.getValue()), line(b.getValue())))
        .forEach(
            entry -> {
              String inner = path + "." + ConfigUtil.joinPath(entry.getKey());
              if (entry.getValue() instanceof ConfigObject object && !object.isEmpty()) {
                collect(inner, object, found);
              } else {
                found.put(inner, new Setting(inner, entry.getValue()));
              }
            });
  }

  private static int line(ConfigValue value) {
    return value.origin().lineNumber();
  }

  /** Whether a path names a group of settings. */
  static boolean isGroup(String path) {
    return ALL.keySet().stream().anyMatch(known -> known.startsWith(path + "."));
  }

  /** Returns the environment variable that sets it: {@code MILEPOST_LIMITS_USER_STREAMS}. */
  String variable() {
    return path.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
  }

  /** Returns another, shorter environment variable. */
  Optional<String> shortVariable() {
    return Optional.ofNullable(SHORT_VARIABLES.get(path));
  }

  /** Returns the option of the command line that sets it; empty if there is none. */
  Optional<String> option() {
    return Optional.ofNullable(OPTIONS.get(path));
  }

  /** Returns what the comments before it say; empty if there are none. */
  List<String> comments() {
    return value.origin().comments();
  }
}
