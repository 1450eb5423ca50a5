package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the project's README shows of the client is what {@link ReadmeExample} compiles. */
class ReadmeTest {
  private static final Path ROOT = Path.of("../..");
  private static final Path EXAMPLE =
      Path.of("src/test/java/dev/milepost/examples/hashtree/ReadmeExample.java");

  @Test
  void showsCodeThatCompiles() throws IOException {
    assertThat(between("```java\n", "```", ROOT.resolve("README.md")))
        .isEqualTo(between("// README begins", "// README ends", EXAMPLE));
  }

  @Test
  void linksToWhatIsThere() throws IOException {
    for (String page : new String[] {"README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md"}) {
      Path file = ROOT.resolve(page);
      assertThat(
              Pattern.compile("]\\((?!https?:)([^)#]+)")
                  .matcher(Files.readString(file))
                  .results()
                  .map(link -> file.resolveSibling(link.group(1)).normalize()))
          .as(page)
          .allMatch(Files::exists, "exists");
    }
  }

  /** Without white space: a formatter sees to that. */
  private static String between(String begin, String end, Path file) throws IOException {
    String text = Files.readString(file);
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from)).replaceAll("\\s", "");
  }
}
