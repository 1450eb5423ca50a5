package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Runs a benchmark for a moment against a real server, and reads what it says. */
final class Bench {
  private static final Pattern FIGURE =
      Pattern.compile(
          "\\{\"name\":\"([^\"]+)\",\"value\":(-?[0-9.]+|null),\"unit\":\"[^\"]+\","
              + "\"floor\":(-?[0-9.]+|null),\"ratio\":(-?[0-9.]+|null),\"goal\":([0-9.]+|null),"
              + "\"met\":(true|false|null)}");

  private final int code;
  private final String errors;
  private final Map<String, Matcher> figures;

  private Bench(int code, String output, String errors) {
    this.code = code;
    this.errors = errors;
    List<String> lines = output.lines().toList();
    assertThat(lines)
        .withFailMessage(() -> output + errors)
        .allMatch(line -> FIGURE.matcher(line).matches());
    this.figures =
        lines.stream()
            .map(FIGURE::matcher)
            .filter(Matcher::matches)
            .collect(Collectors.toMap(figure -> figure.group(1), Function.identity()));
  }

  /** Runs the command line without looking at its exit code. */
  static Bench run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new Bench(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs a workload quickly, which must go well. */
  static Bench quick(String workload, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                workload,
                "--quick",
                "--server-class-path",
                System.getProperty("java.class.path"),
                "--json"));
    arguments.addAll(List.of(more));
    Bench bench = run(arguments.toArray(String[]::new));
    assertThat(bench.code).withFailMessage(() -> bench.errors).isZero();
    return bench;
  }

  int code() {
    return code;
  }

  /** All that was meant for people. */
  String errors() {
    return errors;
  }

  double value(String name) {
    return Double.parseDouble(figure(name).group(2));
  }

  double floor(String name) {
    return Double.parseDouble(figure(name).group(3));
  }

  /** Whether a figure is held against a goal. */
  boolean isJudged(String name) {
    return !figure(name).group(6).equals("null");
  }

  private Matcher figure(String name) {
    assertThat(figures.keySet()).contains(name);
    return figures.get(name);
  }
}
