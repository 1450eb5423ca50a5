package dev.milepost.benchmarks.report;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.floors.EchoStreams;
import dev.milepost.benchmarks.floors.EchoUnary;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Interleaving;
import dev.milepost.benchmarks.harness.Measured;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures durable reports on streams and by unary calls. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "64 running jobs report progress: on streams, with 16 reports and with one report in flight,",
      "and by unary calls; each against a bare echo of the same messages."
    })
public final class ReportWorkload extends Workload {
  private static final int JOBS = 64;
  private static final int WINDOW = 16;

  /** How reports are sent. */
  enum Kind {
    STREAM,
    STREAM_1,
    UNARY
  }

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "only these of ${COMPLETION-CANDIDATES} (default: all)")
  private List<Kind> kinds = List.of(Kind.values());

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public ReportWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    List<Figure> figures = new ArrayList<>();
    for (Kind kind : kinds) {
      figures.addAll(
          switch (kind) {
            case STREAM -> streams("report.stream", WINDOW, Goal.atLeast(0.5), options, progress);
            case STREAM_1 -> streams("report.stream-1", 1, Goal.NONE, options, progress);
            case UNARY -> unary(options, progress);
          });
    }
    return figures;
  }

  private static List<Figure> streams(
      String name, int window, Goal goal, BenchOptions options, PrintStream progress)
      throws Exception {
    try (ReportStreams reports = new ReportStreams(Servers.milepost(options), JOBS, window);
        EchoStreams echo = new EchoStreams("direct", JOBS, window)) {
      List<Measured> measured = new Interleaving(options, progress).run(List.of(reports, echo));
      reports.check();
      return figures(name, measured.get(0), measured.get(1), goal);
    }
  }

  private static List<Figure> unary(BenchOptions options, PrintStream progress) throws Exception {
    try (ReportUnary reports = new ReportUnary(Servers.milepost(options), JOBS);
        EchoUnary echo = new EchoUnary("direct", JOBS)) {
      List<Measured> measured = new Interleaving(options, progress).run(List.of(reports, echo));
      reports.check();
      return figures("report.unary", measured.get(0), measured.get(1), Goal.NONE);
    }
  }

  private static List<Figure> figures(String name, Measured value, Measured floor, Goal goal) {
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(name + ".rate", value.perSecond(), "1/s", floor.perSecond(), goal));
    figures.add(Figure.plain(name + ".p50", value.millis(50), "ms"));
    figures.add(Figure.plain(name + ".p99", value.millis(99), "ms"));
    figures.add(Figure.plain(name + ".spread", value.spread(), "x"));
    figures.addAll(value.serverFigures(name));
    return figures;
  }
}
