package dev.milepost.benchmarks.micro;

import dev.milepost.benchmarks.figures.Figure;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
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

/** Measures what the server's innermost steps cost: time and allocation of one operation each. */
@Command(
    name = "micro",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "What do the rules, the encoding of a record and page tokens cost, one operation at a time?",
      "",
      "Runs in a process of its own, without a server, a store or a network.",
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
      description = "those whose name, such as Rules.claim, has a match (default: all)")
  private String only = "";

  @Option(
      names = "--quick",
      description = "a tenth of a second each: shows that it works, and no figures")
  private boolean quick;

  @Option(
      names = "--json",
      description = "print the figures as lines of JSON, and all else on standard error")
  private boolean json;

  public MicroWorkload(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws RunnerException {
    PrintStream people = json ? err : out;
    List<String> names = names();
    people.printf(
        "%d operations, %s%n", names.size(), quick ? "no figures" : "some eleven seconds each");
    people.printf("%-24s %10s %10s %10s%n", "operation", "ns/op", "least", "bytes/op");
    for (String name : names) {
      for (RunResult result : new Runner(options(name), silent()).run()) {
        people.println(line(name, result));
        if (json) {
          figures(name, result).forEach(figure -> out.println(figure.json()));
        }
      }
    }
    return 0;
  }

  /** Class and method of each operation that is asked for. */
  private List<String> names() {
    Pattern asked = Pattern.compile(only);
    List<String> names =
        BenchmarkList.defaultList().getAll(silent(), List.of()).stream()
            .map(entry -> entry.getUsername().substring(PACKAGE.length()))
            .filter(name -> asked.matcher(name).find())
            .sorted()
            .toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException("no operation has a name that matches " + only);
    }
    return names;
  }

  private OutputFormat silent() {
    return OutputFormatFactory.createFormatInstance(err, VerboseMode.SILENT);
  }

  /** Many short iterations: their median is not moved by what disturbs some of them. */
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

  /** What else happens on the machine only ever adds: the least is the least disturbed. */
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
