package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands of the pages about speed have the names and options that the benchmarks know. */
class PerformancePageTest {
  /** Two spaces separate a command from what it is for. */
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^ {4}\\./milepost bench (.+?)(?: {2,}.*)?$");

  static Stream<String> commands() throws IOException {
    List<String> found =
        Stream.of("PERFORMANCE.md", "SCALING.md")
            .flatMap(page -> COMMAND.matcher(read(page)).results())
            .map(MatchResult::group)
            .map(line -> COMMAND.matcher(line).replaceFirst("$1"))
            .toList();
    assertThat(found).hasSizeGreaterThan(20);
    return found.stream();
  }

  private static String read(String page) {
    try {
      return Files.readString(Path.of("..", "docs", page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void isUnderstood(String command) {
    String example =
        command.replace("NAME", "create").replace("URL", "memory:").replace("COUNT", "1");

    BenchRun run = BenchRun.run((example + " --help").split(" +"));

    assertThat(run.errors()).isEmpty();
    assertThat(run.code()).isZero();
  }
}
