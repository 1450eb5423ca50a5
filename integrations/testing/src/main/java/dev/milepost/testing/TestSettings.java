package dev.milepost.testing;

import dev.milepost.server.settings.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The settings of test servers: nothing outside the test is read, reached or written. */
final class TestSettings {
  private static final String STORE = "milepost.store";
  private static final String MEMORY = "memory:";

  /** What the kit sets itself, so that a test has a server of its own. */
  private static final Map<String, String> FIXED =
      Map.of(
          STORE,
          MEMORY,
          "milepost.import-from",
          "",
          "milepost.listen",
          "127.0.0.1:0",
          "milepost.http.listen",
          "off");

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "milepost.upkeep.poll-interval", "10ms",
          "milepost.limits.drain-timeout", "1s");

  private TestSettings() {}

  /**
   * Returns the settings of a server.
   *
   * @param chosen values by path
   * @throws IllegalArgumentException if one would lead out of the test
   */
  static Settings with(Map<String, ?> chosen) {
    Map<String, Object> all = new LinkedHashMap<>(DEFAULTS);
    chosen.forEach(
        (path, value) -> {
          String fixed = FIXED.get(path);
          if (fixed != null && !fixed.equals(value)) {
            throw new IllegalArgumentException(refusal(path));
          }
          all.put(path, value);
        });
    all.putAll(FIXED);
    return Settings.isolated(all);
  }

  /** Leaves out the value, which may be a URL with a password. */
  private static String refusal(String path) {
    return Set.of(STORE, "milepost.import-from").contains(path)
        ? "A test server has a store of its own, in memory, so that no test touches the jobs of"
            + " others. Remove the setting "
            + path
            + "."
        : "A test server chooses " + path + " itself. Remove the setting.";
  }

  /**
   * Reads settings from the lines of {@link MilepostTest#settings}.
   *
   * @throws IllegalArgumentException if one is not "path = value", or is there twice
   */
  static Map<String, String> parse(String... lines) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : lines) {
      int equals = line.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "A setting of @MilepostTest must be \"path = value\". This one is not: " + line);
      }
      String path = line.substring(0, equals).strip();
      if (values.put(path, line.substring(equals + 1).strip()) != null) {
        throw new IllegalArgumentException("@MilepostTest has the setting " + path + " twice.");
      }
    }
    return values;
  }
}
