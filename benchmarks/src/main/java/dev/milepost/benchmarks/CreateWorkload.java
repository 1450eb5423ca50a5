package dev.milepost.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Measures creates: unary and durable. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Creates jobs by unary calls, 64 at a time, against a bare unary echo.")
final class CreateWorkload extends Workload {
  private static final int IN_FLIGHT = 64;

  CreateWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  List<Figure> measure(BenchOptions options, PrintStream people) throws Exception {
    try (CreateJobs create = new CreateJobs(Servers.milepost(options), IN_FLIGHT);
        EchoUnary direct = new EchoUnary("direct", IN_FLIGHT);
        EchoUnary pooled = new EchoUnary("default", IN_FLIGHT)) {
      List<Measured> measured =
          new Interleaving(options, people).run(List.of(create, direct, pooled));
      create.check();
      double floor = measured.get(1).perSecond();
      List<Figure> figures = new ArrayList<>();
      figures.add(
          new Figure("create.rate", measured.get(0).perSecond(), "1/s", floor, Goal.atLeast(0.5)));
      figures.add(Figure.plain("create.p50", measured.get(0).millis(50), "ms"));
      figures.add(Figure.plain("create.p99", measured.get(0).millis(99), "ms"));
      figures.add(Figure.plain("create.spread", measured.get(0).spread(), "x"));
      figures.add(Figure.plain("create.server-cpu", measured.get(0).serverCpu(), "cores"));
      figures.add(Figure.plain("floor.echo-unary-direct", floor, "1/s"));
      figures.add(Figure.plain("floor.echo-unary-default", measured.get(2).perSecond(), "1/s"));
      return figures;
    }
  }
}
