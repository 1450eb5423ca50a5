package dev.milepost.benchmarks.noisy;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.process.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The results of a run, as figures and as a table. */
final class NoisyReport {
  /** The highest acceptable ratio. */
  static final double GOAL = 1.10;

  private static final String NAME = "noisy-neighbour.";

  private final List<NoisyPhase> phases;

  NoisyReport(List<NoisyPhase> phases) {
    this.phases = List.copyOf(phases);
  }

  List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    figures.add(latency("p99", Neighbor.NOISY, 99, Goal.atMost(GOAL)));
    // The control: the cost of a second client that stays within its limit but shares the cores.
    figures.add(latency("control-p99", Neighbor.AT_LIMIT, 99, Goal.NONE));
    figures.add(
        new Figure(
            NAME + "p99-beyond-control",
            median(Neighbor.NOISY, phase -> phase.millis(99)),
            "ms",
            median(Neighbor.AT_LIMIT, phase -> phase.millis(99)),
            Goal.NONE));
    figures.add(latency("p50", Neighbor.NOISY, 50, Goal.NONE));
    figures.add(latency("control-p50", Neighbor.AT_LIMIT, 50, Goal.NONE));
    figures.add(latency("p99.9", Neighbor.NOISY, 99.9, Goal.NONE));
    figures.add(against("p99-from-sending", "ms", phase -> phase.sentMillis(99)));
    // Other load on the machine only adds latency: the best phases are the least disturbed.
    figures.add(
        new Figure(
            NAME + "p99-best-phase",
            Arrays.stream(values(Neighbor.NOISY, phase -> phase.millis(99))).min().orElseThrow(),
            "ms",
            Arrays.stream(values(Neighbor.NONE, phase -> phase.millis(99))).min().orElseThrow(),
            Goal.NONE));
    figures.add(Figure.plain(NAME + "p99-alone-spread", spread(Neighbor.NONE), "x"));
    figures.add(Figure.plain(NAME + "p99-control-spread", spread(Neighbor.AT_LIMIT), "x"));
    figures.add(Figure.plain(NAME + "p99-beside-spread", spread(Neighbor.NOISY), "x"));
    figures.add(
        Figure.plain(
            NAME + "noisy-accepted",
            median(Neighbor.NOISY, phase -> phase.accepted() / phase.seconds()),
            "calls/s"));
    figures.add(
        Figure.plain(
            NAME + "noisy-refused",
            median(Neighbor.NOISY, phase -> phase.refused() / phase.seconds()),
            "calls/s"));
    figures.add(against("server-cpu", "cores", NoisyPhase::serverCores));
    figures.add(against("other-cpu", "cores", NoisyPhase::otherCores));
    figures.addAll(
        Memory.figures("noisy-neighbour", phases.stream().map(NoisyPhase::memory).toList()));
    return figures;
  }

  /** A latency beside another client, against that alone. */
  private Figure latency(String name, Neighbor neighbor, double percentile, Goal goal) {
    return new Figure(
        NAME + name,
        median(neighbor, phase -> phase.millis(percentile)),
        "ms",
        median(Neighbor.NONE, phase -> phase.millis(percentile)),
        goal);
  }

  /** A value beside the noisy client, against that alone. */
  private Figure against(String name, String unit, ToDoubleFunction<NoisyPhase> figure) {
    return new Figure(
        NAME + name,
        median(Neighbor.NOISY, figure),
        unit,
        median(Neighbor.NONE, figure),
        Goal.NONE);
  }

  private double median(Neighbor neighbor, ToDoubleFunction<NoisyPhase> figure) {
    return Statistics.median(values(neighbor, figure));
  }

  private double spread(Neighbor neighbor) {
    return Statistics.spread(values(neighbor, phase -> phase.millis(99)));
  }

  private double[] values(Neighbor neighbor, ToDoubleFunction<NoisyPhase> figure) {
    return phases.stream()
        .filter(phase -> phase.neighbor() == neighbor)
        .mapToDouble(figure)
        .toArray();
  }

  static String heading() {
    return "phase        calls   p50 ms   p99 ms p99.9 ms | from sending: p99 | other: accepted/s "
        + " refused/s held back | cores: server driver others";
  }

  static String line(NoisyPhase phase) {
    return String.format(
        Locale.ROOT,
        "%-11s %6d %8.2f %8.2f %8.2f | %17.2f | %17.0f %10.0f %9d | %13.2f %6.2f %6.2f",
        phase.neighbor().label(),
        phase.latencies().getTotalCount(),
        phase.millis(50),
        phase.millis(99),
        phase.millis(99.9),
        phase.sentMillis(99),
        phase.accepted() / phase.seconds(),
        phase.refused() / phase.seconds(),
        phase.heldBack(),
        phase.serverCores(),
        phase.driverCores(),
        phase.otherCores());
  }

  /** Returns the lines of the summary. */
  List<String> summary() {
    List<String> lines = new ArrayList<>();
    for (double percentile : new double[] {50, 99, 99.9}) {
      double alone = median(Neighbor.NONE, phase -> phase.millis(percentile));
      double control = median(Neighbor.AT_LIMIT, phase -> phase.millis(percentile));
      double beside = median(Neighbor.NOISY, phase -> phase.millis(percentile));
      lines.add(
          String.format(
              Locale.ROOT,
              "p%-5s alone %8.2f ms   at limit %8.2f ms (ratio %5.2f)   noisy %8.2f ms (ratio"
                  + " %5.2f; to at limit %5.2f)",
              percentile == 99.9 ? "99.9" : String.format(Locale.ROOT, "%.0f", percentile),
              alone,
              control,
              Statistics.ratio(control, alone),
              beside,
              Statistics.ratio(beside, alone),
              Statistics.ratio(beside, control)));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "spread of p99, greatest by least: alone %.2f, at limit %.2f, noisy %.2f",
            spread(Neighbor.NONE),
            spread(Neighbor.AT_LIMIT),
            spread(Neighbor.NOISY)));
    if (spread(Neighbor.NONE) > GOAL) {
      lines.add(
          "The phases of the client alone differ by more than the goal: the machine was too busy,"
              + " or the phases were too short, for a meaningful ratio.");
    }
    return lines;
  }
}
