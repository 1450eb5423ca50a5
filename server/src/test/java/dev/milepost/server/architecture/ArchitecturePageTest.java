package dev.milepost.server.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables in {@code docs/ARCHITECTURE.md} and {@link DependencyRules} say the same. */
class ArchitecturePageTest {
  private static final Path PAGE = Path.of("..", "docs", "ARCHITECTURE.md");
  private static final String PACKAGES = "| package | may use | libraries |";
  private static final String RESTRICTIONS = "| use of | allowed in |";

  @TempDir private Path directory;

  @Test
  void thePageHasTheRulesOfThePackages() throws IOException {
    assertThat(differences(MarkdownTable.rows(PAGE, PACKAGES), packages())).isEmpty();
  }

  @Test
  void thePageHasTheRestrictions() throws IOException {
    assertThat(differences(MarkdownTable.rows(PAGE, RESTRICTIONS), restrictions())).isEmpty();
  }

  @Test
  void theTopMayUseEveryPackage() {
    assertThat(DependencyRules.PACKAGES.get(DependencyRules.PACKAGES.size() - 1).mayUse())
        .hasSize(DependencyRules.PACKAGES.size() - 1);
  }

  @Test
  void aDifferenceNamesItsRow() throws IOException {
    Path page = directory.resolve("page.md");
    Files.writeString(
        page,
        PACKAGES
            + "\n|---|---|---|\n"
            + "| `a` | x | gRPC |\n| b | x, y | |\n| new | | |\n\n"
            + "| other | table |\n");
    assertThat(
            differences(
                MarkdownTable.rows(page, PACKAGES),
                List.of(List.of("a", "x", "gRPC"), List.of("b", "x", ""), List.of("old", "", ""))))
        .containsExactly(
            "row b: the page says [x, y, ], DependencyRules says [x, ]",
            "row new: only the page has it",
            "row old: only DependencyRules has it");
  }

  private static List<List<String>> packages() {
    return DependencyRules.PACKAGES.stream()
        .map(
            rule ->
                List.of(
                    rule.toString(),
                    rule.name().isEmpty() ? "every package" : String.join(", ", rule.mayUse()),
                    String.join(", ", rule.libraryTitles())))
        .toList();
  }

  private static List<List<String>> restrictions() {
    return DependencyRules.RESTRICTIONS.stream()
        .map(restriction -> List.of(restriction.title(), restriction.where()))
        .toList();
  }

  private static List<String> differences(List<List<String>> page, List<List<String>> data) {
    TreeMap<String, String> inPage = new TreeMap<>();
    page.forEach(row -> inPage.put(row.get(0), row.subList(1, row.size()).toString()));
    TreeMap<String, String> inData = new TreeMap<>();
    data.forEach(row -> inData.put(row.get(0), row.subList(1, row.size()).toString()));
    TreeMap<String, String> all = new TreeMap<>(inData);
    all.putAll(inPage);
    List<String> differences = new ArrayList<>();
    for (String row : all.keySet()) {
      String shown = inPage.get(row);
      String right = inData.get(row);
      if (right == null) {
        differences.add("row " + row + ": only the page has it");
      } else if (shown == null) {
        differences.add("row " + row + ": only DependencyRules has it");
      } else if (!shown.equals(right)) {
        differences.add(
            "row %s: the page says %s, DependencyRules says %s".formatted(row, shown, right));
      }
    }
    return differences;
  }
}
