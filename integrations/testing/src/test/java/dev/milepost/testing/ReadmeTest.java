package dev.milepost.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README shows tests that are run, of ten lines at most. */
class ReadmeTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REGION = Pattern.compile("// begin\n(.*?)// end\n", Pattern.DOTALL);
  private static final Path EXAMPLE =
      Path.of("src/test/java/dev/milepost/testing/HandlerExampleTest.java");

  @Test
  void theExamplesAreTests() throws IOException {
    List<String> blocks = matches(JAVA_BLOCK, Path.of("README.md"));

    assertThat(blocks).allMatch(block -> block.lines().count() <= 10, "ten lines");
    assertThat(blocks.stream().map(ReadmeTest::withoutSpace))
        .isEqualTo(
            matches(REGION, EXAMPLE).stream()
                .map(region -> withoutSpace(region.replace("static class", "class")))
                .toList());
  }

  private static List<String> matches(Pattern pattern, Path file) throws IOException {
    return pattern.matcher(Files.readString(file)).results().map(match -> match.group(1)).toList();
  }

  private static String withoutSpace(String code) {
    return code.replaceAll("\\s", "");
  }
}
