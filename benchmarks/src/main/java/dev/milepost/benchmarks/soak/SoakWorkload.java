package dev.milepost.benchmarks.soak;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.process.Memory;
import dev.milepost.benchmarks.process.ServerProcess;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures drift over time: latency, memory and files of a server at half load. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Creates, claims, reports, completes, watches and lists for half an hour at half the maximum",
      "rate, and compares the last third with the first."
    })
public final class SoakWorkload extends Workload {
  private static final int MIN_SLICES = 3;
  private static final int MAX_EXTRA_SLICES = 50;
  private static final Duration QUICK = Duration.ofSeconds(6);

  @Option(names = "--minutes", paramLabel = "COUNT", description = "duration (default: 30)")
  private @Nullable Integer minutes;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public SoakWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    Duration length =
        minutes != null
            ? Duration.ofMinutes(minutes)
            : options.quick() ? QUICK : Duration.ofMinutes(30);
    Duration slice = options.quick() ? length.dividedBy(10) : slice(length);
    try (ServerProcess server = Servers.milepost(options);
        SoakMix mix = new SoakMix(server.address())) {
      mix.begin();
      SoakDriver driver = new SoakDriver(mix);
      progress.printf("Warming up for %d s%n", options.warmUp().toSeconds());
      var unused = driver.fastest(options.warmUp());
      double rate = driver.fastest(options.phase()) / 2;
      progress.printf(Locale.ROOT, "Sending %.0f calls/s for %d s%n", rate, length.toSeconds());
      SoakMonitor monitor = new SoakMonitor(server, driver::takeReports, slice, progress);
      try (monitor) {
        driver.run(length.plus(slice.dividedBy(2)), rate);
        // On a busy machine, slices take longer than planned.
        for (int i = 0; i < MAX_EXTRA_SLICES && monitor.slices().size() < MIN_SLICES; i++) {
          driver.run(slice, rate);
        }
      }
      mix.check();
      List<Figure> figures = new ArrayList<>(figures(monitor, driver, rate));
      figures.addAll(Memory.figures("soak", List.of(Memory.of(server))));
      return figures;
    }
  }

  /** A minute, or less if a third of the run is shorter. */
  private static Duration slice(Duration length) {
    return Duration.ofSeconds(Math.max(1, Math.min(60, length.toSeconds() / 5)));
  }

  private static List<Figure> figures(SoakMonitor monitor, SoakDriver driver, double rate) {
    List<SoakMonitor.Slice> slices = monitor.slices();
    if (slices.size() < MIN_SLICES) {
      throw new IllegalStateException("the run is too short: it has " + slices.size() + " slices");
    }
    int third = slices.size() / 3;
    List<SoakMonitor.Slice> first = slices.subList(0, third);
    List<SoakMonitor.Slice> last = slices.subList(slices.size() - third, slices.size());
    return List.of(
        new Figure("soak.p99-drift", millis(last, 99), "ms", millis(first, 99), Goal.atMost(1.5)),
        new Figure("soak.p50-drift", millis(last, 50), "ms", millis(first, 50), Goal.NONE),
        Figure.plain("soak.rss-growth", resident(last) - resident(first), "MiB"),
        Figure.plain("soak.wal-max", monitor.largestLog(), "MiB"),
        Figure.plain("soak.rate", rate, "1/s"),
        Figure.plain("soak.left-out", (double) driver.skippedCalls(), "calls"));
  }

  private static double millis(List<SoakMonitor.Slice> slices, double percentile) {
    Histogram all = new Histogram(3);
    slices.forEach(slice -> all.add(slice.latencies()));
    return all.getValueAtPercentile(percentile) / 1e6;
  }

  private static double resident(List<SoakMonitor.Slice> slices) {
    return Statistics.median(slices.stream().mapToDouble(SoakMonitor.Slice::resident).toArray());
  }
}
