package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds settings that do not exist. */
final class UnknownSettings {
  /** Changed letters of a top-level name that is meant to be {@code milepost}. */
  private static final int TOLERATED = 2;

  private UnknownSettings() {}

  /**
   * Returns a sentence for each.
   *
   * @param topLevel the top-level names in the file
   */
  static List<String> in(Config all, Set<String> topLevel) {
    List<String> found = new ArrayList<>();
    collect(Setting.ROOT, all.getValue(Setting.ROOT), found);
    for (String name : topLevel) {
      // Others may be there for substitutions.
      boolean isMisplaced =
          Setting.all().containsKey(Setting.ROOT + "." + name)
              || Setting.isGroup(Setting.ROOT + "." + name);
      boolean isMisspelt =
          !name.equals(Setting.ROOT) && NearestName.distance(name, Setting.ROOT) <= TOLERATED;
      if (isMisplaced || isMisspelt) {
        String meant = isMisplaced ? Setting.ROOT + "." + name : Setting.ROOT;
        found.add(
            "There is no setting %s. Did you mean %s?".formatted(name, meant)
                + Origins.setBy(all.getValue(ConfigUtil.joinPath(name)).origin()));
      }
    }
    return found;
  }

  private static void collect(String path, ConfigValue value, List<String> found) {
    if (Setting.all().containsKey(path)) {
      return;
    }
    if (value instanceof ConfigObject group && (!group.isEmpty() || Setting.isGroup(path))) {
      group.forEach((name, inner) -> collect(path + "." + ConfigUtil.joinPath(name), inner, found));
      return;
    }
    found.add(sentence(path) + Origins.setBy(value.origin()));
  }

  static void requireKnown(String path) {
    boolean isKnown =
        !path.startsWith(Setting.ROOT)
            || Setting.all().keySet().stream()
                .anyMatch(
                    known ->
                        known.equals(path)
                            || known.startsWith(path + ".")
                            || path.startsWith(known + "."));
    if (!isKnown) {
      throw new SettingsException(sentence(path));
    }
  }

  private static String sentence(String path) {
    if (Setting.isGroup(path)) {
      return "The setting %s is a group of settings and has no value of its own.".formatted(path);
    }
    return "There is no setting "
        + path
        + "."
        + NearestName.of(path, Setting.all().keySet(), Setting.ROOT + ".", 1)
            .map(near -> " Did you mean " + near + "?")
            .orElse("");
  }
}
