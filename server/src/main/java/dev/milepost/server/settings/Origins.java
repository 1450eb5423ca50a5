package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOrigin;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where the settings that differ from their defaults come from. Immutable.
 *
 * @param byPath by path, such as {@code milepost.listen}: an option, the name of an environment
 *     variable, a system property, or a file with a line
 */
public record Origins(Map<String, String> byPath) {
  private static final String DEFAULTS = "reference.conf";

  /** Makes the map immutable. */
  public Origins {
    byPath = Map.copyOf(byPath);
  }

  static Origins of(Config all) {
    Map<String, String> found = new TreeMap<>();
    for (Setting setting : Setting.all().values()) {
      describe(all.getValue(setting.path()).origin())
          .ifPresent(origin -> found.put(setting.path(), origin));
    }
    return new Origins(found);
  }

  /**
   * Returns a sentence that says where a setting comes from, preceded by a space; nothing if it has
   * its default.
   *
   * @param path such as {@code milepost.listen}
   */
  public String setBy(String path) {
    return sentence(Optional.ofNullable(byPath.get(path)));
  }

  /** Returns such a sentence about the store, for a message that does not name it. */
  public String storeSetBy() {
    return setBy("milepost.store").replaceFirst("^ It", " The store");
  }

  static String setBy(ConfigOrigin origin) {
    return sentence(describe(origin));
  }

  private static String sentence(Optional<String> origin) {
    return origin
        .map(place -> " It is set " + (isFile(place) ? "in " : "by ") + place + ".")
        .orElse("");
  }

  /** A file is described with a line; nothing else ends like that. */
  private static boolean isFile(String place) {
    return place.matches("(?s).*:[0-9]+");
  }

  /** Describes an origin; empty for a default. */
  static Optional<String> describe(ConfigOrigin origin) {
    String place = origin.filename() != null ? origin.filename() : origin.resource();
    if (place == null) {
      return Optional.of(origin.description());
    }
    if (DEFAULTS.equals(origin.resource())) {
      return Optional.empty();
    }
    return Optional.of(place + ":" + Math.max(1, origin.lineNumber()));
  }
}
