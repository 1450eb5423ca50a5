package dev.milepost.benchmarks.micro;

import dev.milepost.benchmarks.figures.Figure;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures time and allocation of the server's innermost operations. */
@Command(
    name = "micro",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures the rules, the encoding of records, page tokens, and the calls of handlers in the",
      "Java client, one operation at a time.",
      "",
      "Runs in a separate process. Only the calls of handlers have a server, in that process.",
      ""
    })
public final class MicroWorkload implements Callable<Integer> {
  private static final String PACKAGE = MicroWorkload.class.getPackageName() + ".";

  private final PrintStream out;
  private final PrintStream err;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      defaultValue = "",
      description = "operations whose name, such as Rules.claim, matches (default: all)")
  private String only = "";

  @Option(
      names = "--quick",
      description = "a tenth of a second each: shows that the benchmark works")
  private boolean quick;

  @Option(
      names = "--json",
      description = "print the figures as JSON lines, and everything else on standard error")
  private boolean json;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public MicroWorkload(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws RunnerException {
    PrintStream progress = json ? err : out;
    List<String> names = names();
    progress.printf(
        "%d operations, %s%n", names.size(), quick ? "a short run" : "about eleven seconds each");
    progress.printf("%-24s %10s %10s %10s%n", "operation", "ns/op", "least", "bytes/op");
    for (String name : names) {
      for (RunResult result : new Runner(options(name), silent()).run()) {
        String full = name + params(result);
        progress.println(line(full, result));
        if (json) {
          figures(full, result).forEach(figure -> out.println(figure.json()));
        }
      }
    }
    return 0;
  }

  /** Returns the values of an operation's parameters, such as ".live". */
  private static String params(RunResult result) {
    return result.getParams().getParamsKeys().stream()
        .map(key -> "." + result.getParams().getParam(key))
        .collect(Collectors.joining());
  }

  /** Returns class and method of each requested operation. */
  private List<String> names() {
    Pattern requested = Pattern.compile(only);
    List<String> names =
        BenchmarkList.defaultList().getAll(silent(), List.of()).stream()
            .map(entry -> entry.getUsername().substring(PACKAGE.length()))
            .filter(name -> requested.matcher(name).find())
            .sorted()
            .toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException("no operation matches " + only);
    }
    return names;
  }

  private OutputFormat silent() {
    return OutputFormatFactory.createFormatInstance(err, VerboseMode.SILENT);
  }

  /** Many short iterations, because disturbing some of them does not change the median. */
  private Options options(String name) {
    return new OptionsBuilder()
        .include("^" + Pattern.quote(PACKAGE + name) + "$")
        .forks(1)
        .warmupIterations(quick ? 1 : 5)
        .warmupTime(quick ? TimeValue.milliseconds(50) : TimeValue.seconds(1))
        .measurementIterations(quick ? 1 : 25)
        .measurementTime(quick ? TimeValue.milliseconds(50) : TimeValue.milliseconds(200))
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .build();
  }

  /** The least time is the least disturbed one: other load on the machine only adds. */
  private static String line(String name, RunResult result) {
    return String.format(
        Locale.ROOT,
        "%-24s %10.0f %10.0f %10.0f",
        name,
        nanos(result).getPercentile(50),
        nanos(result).getMin(),
        bytes(result));
  }

  private static List<Figure> figures(String name, RunResult result) {
    return List.of(
        Figure.plain("micro." + name, nanos(result).getPercentile(50), "ns"),
        Figure.plain("micro." + name + ".least", nanos(result).getMin(), "ns"),
        Figure.plain("micro." + name + ".bytes", bytes(result), "bytes"));
  }

  private static Statistics nanos(RunResult result) {
    return result.getPrimaryResult().getStatistics();
  }

  private static double bytes(RunResult result) {
    Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
    return allocated == null ? Double.NaN : allocated.getStatistics().getMin();
  }
}
