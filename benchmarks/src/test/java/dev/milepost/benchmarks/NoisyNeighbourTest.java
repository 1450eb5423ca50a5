package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Against a real server, for a moment: the figures are there and fit together. Not how large. */
class NoisyNeighbourTest {
  private static final Pattern FIGURE =
      Pattern.compile(
          "\\{\"name\":\"([^\"]+)\",\"value\":([0-9.]+|null),\"unit\":\"[^\"]+\",\"floor\":([0-9.]+|null),"
              + "\"ratio\":([0-9.]+|null),\"goal\":([0-9.]+|null),\"met\":(true|false|null)}");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void measuresAServerAndSaysWhatItFound() {
    int code =
        run(
            "noisy-neighbour",
            "--server-class-path",
            System.getProperty("java.class.path"),
            "--warm-up=0",
            "--phases=1",
            "--seconds=1",
            "--limit=40",
            "--rate=20",
            "--connections=2",
            "--json");

    assertThat(code).withFailMessage(this::texts).isZero();
    List<String> lines = text(out).lines().toList();
    assertThat(lines).allMatch(line -> FIGURE.matcher(line).matches());
    Map<String, Matcher> figures =
        lines.stream()
            .map(FIGURE::matcher)
            .filter(Matcher::matches)
            .collect(Collectors.toMap(figure -> figure.group(1), Function.identity()));
    assertThat(figures.keySet())
        .contains(
            "noisy-neighbour.p99",
            "noisy-neighbour.control-p99",
            "noisy-neighbour.p99-beyond-control",
            "noisy-neighbour.p50",
            "noisy-neighbour.p99.9",
            "noisy-neighbour.noisy-accepted",
            "noisy-neighbour.noisy-refused",
            "noisy-neighbour.server-cpu",
            "noisy-neighbour.server-rss");
    assertThat(value(figures, "p50")).isPositive().isLessThanOrEqualTo(value(figures, "p99"));
    assertThat(value(figures, "p99")).isLessThanOrEqualTo(value(figures, "p99.9"));
    assertThat(figures.get("noisy-neighbour.p99").group(6)).isIn("true", "false");
    assertThat(value(figures, "noisy-accepted")).isPositive();
    assertThat(value(figures, "noisy-refused")).isPositive();
    // Forty a second may pass, and what the bucket holds at most.
    assertThat(value(figures, "noisy-accepted") + value(figures, "noisy-refused"))
        .isLessThanOrEqualTo(400);
    assertThat(text(err)).contains("A alone", "B at limit", "C noisy", "spread of p99");
  }

  @Test
  void aRateThatIsNotWellBehavedIsRefused() {
    assertThat(run("noisy-neighbour", "--server-jar=none", "--limit=10", "--rate=9")).isEqualTo(2);
    assertThat(text(err)).contains("--rate must be");
  }

  @Test
  void aServerThatDoesNotStartIsSaid() {
    assertThat(run("noisy-neighbour", "--server-jar=/no/such.jar")).isEqualTo(1);
    assertThat(text(err)).contains("the server does not start");
  }

  private int run(String... arguments) {
    return Main.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments);
  }

  private String texts() {
    return text(out) + text(err);
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }

  private static double value(Map<String, Matcher> figures, String name) {
    Matcher figure = figures.get("noisy-neighbour." + name);
    assertThat(figure).isNotNull();
    return Double.parseDouble(figure.group(2));
  }
}
