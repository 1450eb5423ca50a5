package dev.milepost.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages show code that is compiled and run, and link only to files that exist. */
class ReadmeTest {
  private static final Path ROOT = Path.of("../..");
  private static final Path SOURCES = Path.of("src/main/java/dev/milepost/examples/quickstart");
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REGION = Pattern.compile("// begin\n(.*?)// end\n", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)");

  @Test
  void readmeShowsTheWorkerTheCallerAndTheWatcherOfTheQuickstart() throws IOException {
    List<String> blocks = matches(JAVA_BLOCK, ROOT.resolve("README.md"));

    assertThat(blocks).hasSize(3).allMatch(block -> block.lines().count() <= 10, "10 lines");
    assertThat(withoutSpace(blocks.get(0))).isEqualTo(region("WorkerMain"));
    assertThat(withoutSpace(blocks.get(1))).isEqualTo(region("CallerMain"));
    assertThat(withoutSpace(blocks.get(2))).isEqualTo(region("WatcherMain"));
  }

  @Test
  void contributingShowsTheMethodThatTheServerRuns() throws IOException {
    Path service = ROOT.resolve("server/src/main/java/dev/milepost/server/grpc/JobService.java");

    assertThat(withoutSpace(Files.readString(service)))
        .contains(withoutSpace(matches(JAVA_BLOCK, ROOT.resolve("CONTRIBUTING.md")).get(0)));
  }

  @Test
  void mainsHaveAtMostThirtyLines() throws IOException {
    for (String main : List.of("WorkerMain", "CallerMain", "WatcherMain")) {
      assertThat(Files.readAllLines(source(main))).as(main).hasSizeLessThanOrEqualTo(30);
    }
  }

  @Test
  void linksLeadToFilesThatExist() throws IOException {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      Stream<Path> pages =
          Stream.of(
                  "README.md",
                  "CONTRIBUTING.md",
                  "CHANGELOG.md",
                  "deploy/README.md",
                  "examples/quickstart/README.md",
                  "examples/recipes/README.md",
                  "examples/hash-tree/README.md",
                  "integrations/testing/README.md",
                  "integrations/spring-boot-starter/README.md",
                  "integrations/logback/README.md",
                  "integrations/micrometer/README.md",
                  "integrations/opentelemetry/README.md")
              .map(ROOT::resolve);
      for (Path page : Stream.concat(pages, docs).toList()) {
        assertThat(matches(LINK, page).stream().map(link -> page.resolveSibling(link).normalize()))
            .as("links of %s", page)
            .allMatch(Files::exists, "exists");
      }
    }
  }

  /** The marked part of a main class. Its server is an argument; the README names the default. */
  private static String region(String main) throws IOException {
    String code = matches(REGION, source(main)).get(0);
    return withoutSpace(code.replace("connect(server)", "connect(\"localhost:7300\")"));
  }

  private static Path source(String main) {
    return SOURCES.resolve(main + ".java");
  }

  private static List<String> matches(Pattern pattern, Path file) throws IOException {
    return pattern.matcher(Files.readString(file)).results().map(match -> match.group(1)).toList();
  }

  /** The formatter decides on white space in the source, the reader's eye in the README. */
  private static String withoutSpace(String code) {
    return code.replaceAll("\\s", "");
  }
}
