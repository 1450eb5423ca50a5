package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.benchmarks.stored.FilledStores;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A short run of a benchmark against a real server, and the figures it printed. */
final class BenchRun {
  private static final Pattern FIGURE =
      Pattern.compile(
          "\\{\"name\":\"([^\"]+)\",\"value\":(-?[0-9.]+|null),\"unit\":\"[^\"]+\","
              + "\"floor\":(-?[0-9.]+|null),\"ratio\":(-?[0-9.]+|null),\"goal\":([0-9.]+|null),"
              + "\"met\":(true|false|null)}");

  private final int code;
  private final String output;
  private final String errors;
  private final Map<String, Matcher> figures = new HashMap<>();

  private BenchRun(int code, String output, String errors) {
    this.code = code;
    this.output = output;
    this.errors = errors;
  }

  /** Runs the command line as it is. */
  static BenchRun run(String... arguments) {
    try (FilledStores stores = new FilledStores()) {
      return run(stores, arguments);
    }
  }

  private static BenchRun run(FilledStores stores, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            stores,
            arguments);
    return new BenchRun(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs a workload with tiny phases. It must succeed and print figures only. */
  static BenchRun quick(String workload, String... more) {
    try (FilledStores stores = new FilledStores()) {
      return quick(stores, workload, more);
    }
  }

  /** Runs a workload with tiny phases, on stores that earlier runs may have filled. */
  static BenchRun quick(FilledStores stores, String workload, String... more) {
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
    BenchRun run = run(stores, arguments.toArray(String[]::new));
    assertThat(run.code).withFailMessage(() -> run.output + run.errors).isZero();
    run.output
        .lines()
        .forEach(
            line -> {
              Matcher figure = FIGURE.matcher(line);
              assertThat(figure.matches()).withFailMessage("not a figure: " + line).isTrue();
              assertThat(run.figures.put(figure.group(1), figure)).isNull();
            });
    return run;
  }

  int code() {
    return code;
  }

  /** Standard output. */
  String output() {
    return output;
  }

  /** Standard error. */
  String errors() {
    return errors;
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

  /** Whether the figure is compared with a goal. */
  boolean isJudged(String name) {
    return !figure(name).group(6).equals("null");
  }

  private Matcher figure(String name) {
    assertThat(figures).containsKey(name);
    return figures.get(name);
  }
}
