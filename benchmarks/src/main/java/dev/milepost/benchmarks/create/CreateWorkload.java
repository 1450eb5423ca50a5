package dev.milepost.benchmarks.create;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
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

/** Measures durable creates by unary calls. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Creates jobs by unary calls, 64 in flight, against a bare unary echo.")
public final class CreateWorkload extends Workload {
  @Option(
      names = "--in-flight",
      paramLabel = "COUNT",
      defaultValue = "64",
      description = "calls in flight (default: ${DEFAULT-VALUE})")
  private int inFlight = 64;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public CreateWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    try (CreateJobs create = new CreateJobs(Servers.milepost(options), inFlight);
        EchoUnary direct = new EchoUnary("direct", inFlight);
        EchoUnary pooled = new EchoUnary("default", inFlight)) {
      List<Measured> measured =
          new Interleaving(options, progress).run(List.of(create, direct, pooled));
      create.check();
      double floor = measured.get(1).perSecond();
      List<Figure> figures = new ArrayList<>();
      figures.add(
          new Figure("create.rate", measured.get(0).perSecond(), "1/s", floor, Goal.atLeast(0.5)));
      figures.add(Figure.plain("create.p50", measured.get(0).millis(50), "ms"));
      figures.add(Figure.plain("create.p99", measured.get(0).millis(99), "ms"));
      figures.add(Figure.plain("create.spread", measured.get(0).spread(), "x"));
      figures.addAll(measured.get(0).serverFigures("create"));
      figures.add(Figure.plain("floor.echo-unary-direct", floor, "1/s"));
      figures.add(Figure.plain("floor.echo-unary-default", measured.get(2).perSecond(), "1/s"));
      return figures;
    }
  }
}
