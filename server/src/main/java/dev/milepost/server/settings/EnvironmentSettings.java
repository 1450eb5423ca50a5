package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The settings in environment variables. Each setting has one, named after it; an empty one counts
 * as not set.
 */
final class EnvironmentSettings {
  private static final String PREFIX = "MILEPOST_";

  /** Variables of the log, which is configured before the settings are read. */
  private static final Set<String> LEVELS = Set.of("MILEPOST_LOG_LEVEL", "MILEPOST_AUDIT_LEVEL");

  private static final Set<String> LEVEL_NAMES =
      Set.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL");

  /** Variables of the launcher, of benchmarks and of tests. */
  private static final Pattern TOOLS =
      Pattern.compile("MILEPOST_(ADDRESS|BENCH_[A-Z_]+|TEST_[A-Z_]+)");

  /**
   * What Kubernetes adds for each service whose name begins with "milepost": {@code
   * MILEPOST_SERVICE_HOST}, {@code MILEPOST_PORT_7300_TCP_ADDR}.
   */
  private static final Pattern SERVICE =
      Pattern.compile(
          PREFIX
              + "([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
              + "|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  /** Likewise {@code MILEPOST_PORT}, which has a URL as its value. */
  private static final Pattern SERVICE_PORT = Pattern.compile(PREFIX + "([A-Z0-9_]+_)?PORT");

  private static final Pattern SERVICE_URL = Pattern.compile("(tcp|udp|sctp)://.*");

  private static final Map<String, Setting> VARIABLES = variables();

  private EnvironmentSettings() {}

  private static Map<String, Setting> variables() {
    Map<String, Setting> all = new LinkedHashMap<>();
    for (Setting setting : Setting.all().values()) {
      all.put(setting.variable(), setting);
      setting.shortVariable().ifPresent(name -> all.put(name, setting));
    }
    return all;
  }

  /**
   * Returns the settings in variables, and ignores all other variables.
   *
   * @throws SettingsException if a value cannot be parsed, or two variables set the same setting
   */
  static Config read(Map<String, String> environment) {
    Map<String, Object> values = new HashMap<>();
    Map<String, String> names = new HashMap<>();
    new TreeMap<>(environment)
        .forEach(
            (name, text) -> {
              Setting setting = VARIABLES.get(name);
              if (setting == null || text.isEmpty()) {
                return;
              }
              String other = names.put(setting.path(), name);
              if (other != null) {
                throw new SettingsException(
                    "The environment variables %s and %s set the same: remove one of them."
                        .formatted(other, name));
              }
              values.put(setting.path(), value(setting, name, text));
            });
    return ConfigFactory.parseMap(values);
  }

  private static ConfigValue value(Setting setting, String name, String text) {
    try {
      ConfigValue value =
          switch (setting.value().valueType()) {
            case LIST -> list(text);
            case OBJECT ->
                ConfigFactory.parseString(text.strip().startsWith("{") ? text : "{" + text + "}")
                    .root();
            default -> ConfigValueFactory.fromAnyRef(text);
          };
      return value.withOrigin(ConfigOriginFactory.newSimple(name));
    } catch (ConfigException e) {
      // Not with the parser's message, which quotes the value.
      throw new SettingsException(
          "The environment variable %s cannot be parsed. Write it as its setting %s in a file."
              .formatted(name, setting.path()));
    }
  }

  /** Parses {@code USER,WORKER} or {@code [USER, WORKER]}. */
  private static ConfigValue list(String text) {
    return text.strip().startsWith("[")
        ? ConfigFactory.parseString("list = " + text).getValue("list")
        : ConfigValueFactory.fromIterable(
            Arrays.stream(text.split(",", -1)).map(String::strip).toList());
  }

  /**
   * Returns a warning for each variable that looks like one of Milepost's and is none.
   *
   * @throws SettingsException if one nearly has the name of a setting's variable, or names an
   *     unknown log level
   */
  static List<String> check(Map<String, String> environment) {
    List<String> warnings = new ArrayList<>();
    new TreeMap<>(environment)
        .forEach(
            (name, text) -> {
              if (LEVELS.contains(name)) {
                requireLevel(name, text);
              } else if (name.startsWith(PREFIX) && !isKnown(name, text)) {
                warnings.add(unknown(name));
              }
            });
    return warnings;
  }

  private static boolean isKnown(String name, String text) {
    return VARIABLES.containsKey(name)
        || TOOLS.matcher(name).matches()
        || SERVICE.matcher(name).matches()
        || (SERVICE_PORT.matcher(name).matches() && SERVICE_URL.matcher(text).matches());
  }

  private static String unknown(String name) {
    Optional<String> near = NearestName.of(name, names(), PREFIX, 2);
    if (near.isPresent()) {
      throw new SettingsException(
          "There is no environment variable %s. Did you mean %s? Correct it, or unset it."
              .formatted(name, near.get()));
    }
    return "The environment variable %s is none of Milepost's and is ignored.".formatted(name);
  }

  private static Set<String> names() {
    Set<String> names = new LinkedHashSet<>(VARIABLES.keySet());
    names.addAll(LEVELS);
    return names;
  }

  /**
   * Checks the level of a log.
   *
   * @param text empty: the default
   */
  static void requireLevel(String name, String text) {
    if (!text.isEmpty() && !LEVEL_NAMES.contains(text.toUpperCase(Locale.ROOT))) {
      throw new SettingsException(
          "%s must be a log level: TRACE, DEBUG, INFO, WARN, ERROR or OFF.".formatted(name));
    }
  }
}
