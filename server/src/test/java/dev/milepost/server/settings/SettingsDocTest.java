package dev.milepost.server.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/SETTINGS.md} is what {@code reference.conf} says. */
class SettingsDocTest {
  private static final Path PAGE = Path.of("..", "docs", "SETTINGS.md");
  private static final String BEGIN = "<!-- tables: printed from reference.conf -->\n";

  /** Titles of groups with several settings; the other settings are those of the server. */
  private static final Map<String, String> GROUPS = groups();

  private static Map<String, String> groups() {
    Map<String, String> groups = new LinkedHashMap<>();
    groups.put("milepost.auth.jwt.", "JWTs");
    groups.put("milepost.auth.client-certificates.", "Client certificates");
    groups.put("milepost.auth.", "Credentials");
    groups.put("milepost.tls.", "TLS");
    groups.put("milepost.jobs.", "Jobs");
    groups.put("milepost.limits.", "Limits");
    return groups;
  }

  @Test
  void thePageMatchesTheReference() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    assertThat(begin).as("first line of the tables").isNotNegative();
    String right = page.substring(0, begin + BEGIN.length()) + tables();
    if (Boolean.getBoolean("milepost.docs.refresh")) {
      Files.writeString(PAGE, right);
      return;
    }
    assertThat(page)
        .as(
            "docs/SETTINGS.md is not what reference.conf says; refresh it by: mvn -pl server -am"
                + " test -Dtest=SettingsDocTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dmilepost.docs.refresh=true")
        .isEqualTo(right);
  }

  @Test
  void everySettingIsDescribed() {
    assertThat(Setting.all().values())
        .filteredOn(setting -> setting.comments().isEmpty())
        .extracting(Setting::path)
        .isEmpty();
  }

  private static String tables() {
    Map<String, StringBuilder> sections = new LinkedHashMap<>();
    for (Setting setting : Setting.all().values()) {
      sections.computeIfAbsent(section(setting), SettingsDocTest::header).append(row(setting));
    }
    return String.join("", sections.values());
  }

  private static String section(Setting setting) {
    return GROUPS.entrySet().stream()
        .filter(group -> setting.path().startsWith(group.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("Server");
  }

  private static StringBuilder header(String title) {
    return new StringBuilder("\n## ")
        .append(title)
        .append("\n\n")
        .append(intro(title))
        .append("| setting | default | variable | option | meaning |\n|---|---|---|---|---|\n");
  }

  /** Returns what the reference says of the group. */
  private static String intro(String title) {
    return GROUPS.entrySet().stream()
        .filter(group -> group.getValue().equals(title))
        .map(group -> group.getKey().substring(0, group.getKey().length() - 1))
        .map(group -> text(Setting.defaults().getValue(group).origin().comments(), "\n") + "\n\n")
        .findFirst()
        .orElse("");
  }

  private static String row(Setting setting) {
    String variables =
        setting.shortVariable().map(name -> "`" + name + "`, ").orElse("")
            + "`"
            + setting.variable()
            + "`";
    return "| "
        + String.join(
            " | ",
            List.of(
                "`" + setting.path() + "`",
                "`" + setting.value().render(ConfigRenderOptions.concise()) + "`",
                variables,
                setting.option().map(option -> "`" + option + "`").orElse(""),
                meaning(setting)))
        + " |\n";
  }

  private static String meaning(Setting setting) {
    return text(setting.comments(), " ");
  }

  private static String text(List<String> comments, String separator) {
    return comments.stream()
        .map(String::strip)
        .collect(Collectors.joining(separator))
        .replace("|", "\\|")
        .replace("<", "&lt;");
  }
}
