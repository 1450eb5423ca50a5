package dev.milepost.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What the phases of a run say: as figures, and as a table for people. */
final class NoisyReport {
  /** A tenth, as was promised. */
  static final double GOAL = 1.10;

  private static final String NAME = "noisy-neighbour.";

  private final List<Phase> phases;

  NoisyReport(List<Phase> phases) {
    this.phases = List.copyOf(phases);
  }

  List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    figures.add(latency("p99", 99, Goal.atMost(GOAL)));
    figures.add(latency("p50", 50, Goal.NONE));
    figures.add(latency("p99.9", 99.9, Goal.NONE));
    figures.add(
        new Figure(
            NAME + "p99-from-sending",
            median(true, phase -> phase.sentMillis(99)),
            "ms",
            median(false, phase -> phase.sentMillis(99)),
            Goal.NONE));
    // What else happens on the machine only ever adds: the best phases are the least disturbed.
    figures.add(
        new Figure(
            NAME + "p99-best-phase",
            Arrays.stream(values(true, phase -> phase.millis(99))).min().orElseThrow(),
            "ms",
            Arrays.stream(values(false, phase -> phase.millis(99))).min().orElseThrow(),
            Goal.NONE));
    figures.add(Figure.plain(NAME + "p99-alone-spread", spread(false), "x"));
    figures.add(Figure.plain(NAME + "p99-beside-spread", spread(true), "x"));
    figures.add(
        Figure.plain(
            NAME + "noisy-accepted",
            median(true, phase -> phase.accepted() / phase.seconds()),
            "calls/s"));
    figures.add(
        Figure.plain(
            NAME + "noisy-refused",
            median(true, phase -> phase.refused() / phase.seconds()),
            "calls/s"));
    figures.add(
        new Figure(
            NAME + "server-cpu",
            median(true, Phase::serverCores),
            "cores",
            median(false, Phase::serverCores),
            Goal.NONE));
    figures.add(
        new Figure(
            NAME + "other-cpu",
            median(true, Phase::otherCores),
            "cores",
            median(false, Phase::otherCores),
            Goal.NONE));
    return figures;
  }

  private Figure latency(String name, double percentile, Goal goal) {
    return new Figure(
        NAME + name,
        median(true, phase -> phase.millis(percentile)),
        "ms",
        median(false, phase -> phase.millis(percentile)),
        goal);
  }

  private double median(boolean beside, ToDoubleFunction<Phase> figure) {
    return Statistics.median(values(beside, figure));
  }

  private double spread(boolean beside) {
    return Statistics.spread(values(beside, phase -> phase.millis(99)));
  }

  private double[] values(boolean beside, ToDoubleFunction<Phase> figure) {
    return phases.stream().filter(phase -> phase.beside() == beside).mapToDouble(figure).toArray();
  }

  static String heading() {
    return "phase        calls   p50 ms   p99 ms p99.9 ms | from sending: p99 | noisy: accepted/s "
        + " refused/s held back | cores: server driver others";
  }

  static String line(Phase phase) {
    return String.format(
        Locale.ROOT,
        "%-11s %6d %8.2f %8.2f %8.2f | %17.2f | %17.0f %10.0f %9d | %13.2f %6.2f %6.2f",
        phase.beside() ? "B beside" : "A alone",
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

  /** What comes of it, line by line. */
  List<String> summary() {
    List<String> lines = new ArrayList<>();
    for (Figure figure : figures().subList(0, 5)) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-24s alone %8.2f   beside %8.2f   ratio %5.2f%s",
              figure.name().substring(NAME.length()) + " (ms)",
              figure.floor(),
              figure.value(),
              figure.ratio(),
              figure.isJudged()
                  ? "   goal " + figure.goal() + ": " + (figure.met() ? "met" : "missed")
                  : ""));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "spread of p99, greatest by least: alone %.2f, beside %.2f",
            spread(false),
            spread(true)));
    if (spread(false) > GOAL) {
      lines.add(
          "The phases alone differ among themselves by more than the goal: this machine was not"
              + " quiet enough, or the phases were too short, for the ratio to mean much.");
    }
    return lines;
  }
}
