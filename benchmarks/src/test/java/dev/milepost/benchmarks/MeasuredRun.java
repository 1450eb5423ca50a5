package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One quick run of a benchmark against a real server, and what it said. */
final class MeasuredRun {
  private static final Pattern FIGURE =
      Pattern.compile(
          "\\{\"name\":\"([^\"]+)\",\"value\":([0-9.]+|null),\"unit\":\"[^\"]+\",\"floor\":([0-9.]+|null),"
              + "\"ratio\":([0-9.]+|null),\"goal\":([0-9.]+|null),\"met\":(true|false|null)}");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, Matcher> figures = new HashMap<>();

  private MeasuredRun() {}

  /** Runs a workload that must succeed. */
  static MeasuredRun of(String workload, String... more) {
    MeasuredRun run = new MeasuredRun();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                workload,
                "--quick",
                "--warm-up=0",
                "--server-class-path",
                System.getProperty("java.class.path"),
                "--json"));
    arguments.addAll(List.of(more));
    int code =
        Main.run(
            new PrintStream(run.out, true, StandardCharsets.UTF_8),
            new PrintStream(run.err, true, StandardCharsets.UTF_8),
            arguments.toArray(String[]::new));
    assertThat(code).withFailMessage(() -> run.out() + run.err()).isZero();
    for (String line : run.out().lines().toList()) {
      Matcher figure = FIGURE.matcher(line);
      assertThat(figure.matches()).withFailMessage("not a figure: " + line).isTrue();
      assertThat(run.figures.put(figure.group(1), figure)).isNull();
    }
    return run;
  }

  double value(String name) {
    return Double.parseDouble(figure(name).group(2));
  }

  double floor(String name) {
    return Double.parseDouble(figure(name).group(3));
  }

  double ratio(String name) {
    return Double.parseDouble(figure(name).group(4));
  }

  /** "true", "false", or "null" where there is no verdict. */
  String met(String name) {
    return figure(name).group(6);
  }

  private Matcher figure(String name) {
    assertThat(figures).containsKey(name);
    return figures.get(name);
  }

  /** What was said to people. */
  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
