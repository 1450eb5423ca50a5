package dev.milepost.server.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The modules depend on each other as {@code docs/ARCHITECTURE.md} says. The build checks that a
 * module declares what it uses, so the poms are what to look at.
 */
class ModulesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path PAGE = ROOT.resolve("docs").resolve("ARCHITECTURE.md");
  private static final String HEADER = "| module | may use | only to run or to test |";
  private static final String PREFIX = "milepost-";

  private static final Pattern DEPENDENCY =
      Pattern.compile("<dependency>(.*?)</dependency>", Pattern.DOTALL);
  private static final Pattern OWN =
      Pattern.compile("<groupId>dev\\.milepost</groupId>\\s*<artifactId>(.*?)</artifactId>");

  @Test
  void theModulesUseEachOtherAsThePageSays() throws IOException {
    Map<String, String> page = new TreeMap<>();
    for (List<String> row : MarkdownTable.rows(PAGE, HEADER)) {
      page.put(row.get(0), row.subList(1, row.size()).toString());
    }
    assertThat(modules()).isEqualTo(page);
  }

  @Test
  void aDependencyIsReadWithItsScope() {
    String pom =
        """
        <parent><groupId>dev.milepost</groupId><artifactId>milepost-parent</artifactId></parent>
        <dependency>
          <groupId>dev.milepost</groupId>
          <artifactId>milepost-server</artifactId>
          <scope>test</scope>
        </dependency>
        <dependency>
          <groupId>dev.milepost</groupId>
          <artifactId>milepost-proto</artifactId>
        </dependency>
        <dependency><groupId>io.grpc</groupId><artifactId>grpc-api</artifactId></dependency>
        """;
    assertThat(uses(List.of(pom))).isEqualTo("[proto, server]");
  }

  /** Returns each module that depends on another, and what it uses: a row of the page. */
  private static Map<String, String> modules() throws IOException {
    Map<String, List<String>> poms = new TreeMap<>();
    try (Stream<Path> files = Files.find(ROOT, 3, (path, file) -> path.endsWith("pom.xml"))) {
      for (Path pom : files.toList()) {
        Path module = ROOT.relativize(pom).getParent();
        if (module != null && !module.startsWith("bom")) {
          poms.computeIfAbsent(module.getName(0).toString(), name -> new ArrayList<>())
              .add(Files.readString(pom));
        }
      }
    }
    Map<String, String> uses = new TreeMap<>();
    poms.forEach((module, texts) -> uses.put(module, uses(texts)));
    return uses;
  }

  private static String uses(List<String> poms) {
    TreeSet<String> compiled = new TreeSet<>();
    TreeSet<String> other = new TreeSet<>();
    for (String pom : poms) {
      Matcher dependency = DEPENDENCY.matcher(pom);
      while (dependency.find()) {
        Matcher own = OWN.matcher(dependency.group(1));
        if (own.find()) {
          boolean isCompiled = !dependency.group(1).contains("<scope>");
          (isCompiled ? compiled : other).add(own.group(1).substring(PREFIX.length()));
        }
      }
    }
    return List.of(String.join(", ", compiled), String.join(", ", other)).toString();
  }
}
