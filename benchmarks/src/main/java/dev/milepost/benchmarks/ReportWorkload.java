package dev.milepost.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Measures reports: on streams and by unary calls, durable. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "64 running jobs report progress: on streams, with 16 and with one report of each under way,",
      "and by unary calls; each against a bare echo of the same messages."
    })
final class ReportWorkload extends Workload {
  private static final int JOBS = 64;
  private static final int WINDOW = 16;

  ReportWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  List<Figure> measure(BenchOptions options, PrintStream people) throws Exception {
    try (ReportStreams wide = new ReportStreams(Servers.milepost(options), JOBS, WINDOW);
        EchoStreams wideEcho = new EchoStreams("direct", JOBS, WINDOW);
        ReportStreams narrow = new ReportStreams(Servers.milepost(options), JOBS, 1);
        EchoStreams narrowEcho = new EchoStreams("direct", JOBS, 1);
        ReportUnary unary = new ReportUnary(Servers.milepost(options), JOBS);
        EchoUnary unaryEcho = new EchoUnary("direct", JOBS)) {
      List<Measured> measured =
          new Interleaving(options, people)
              .run(List.of(wide, wideEcho, narrow, narrowEcho, unary, unaryEcho));
      wide.check();
      narrow.check();
      unary.check();
      List<Figure> figures = new ArrayList<>();
      figures.addAll(figures("report.stream", measured.get(0), measured.get(1), Goal.atLeast(0.5)));
      figures.addAll(figures("report.stream-1", measured.get(2), measured.get(3), Goal.NONE));
      figures.addAll(figures("report.unary", measured.get(4), measured.get(5), Goal.NONE));
      return figures;
    }
  }

  private static List<Figure> figures(String name, Measured value, Measured floor, Goal goal) {
    return List.of(
        new Figure(name + ".rate", value.perSecond(), "1/s", floor.perSecond(), goal),
        Figure.plain(name + ".p50", value.millis(50), "ms"),
        Figure.plain(name + ".p99", value.millis(99), "ms"),
        Figure.plain(name + ".spread", value.spread(), "x"),
        Figure.plain(name + ".server-cpu", value.serverCpu(), "cores"));
  }
}
