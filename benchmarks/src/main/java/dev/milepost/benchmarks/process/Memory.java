package dev.milepost.benchmarks.process;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Statistics;
import java.io.IOException;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The memory of a server process in MiB. Unknown values are NaN.
 *
 * @param resident resident memory
 * @param peak highest resident memory since its start
 * @param heap used heap, garbage included
 */
public record Memory(double resident, double peak, double heap) {
  private static final double MIB = 1024 * 1024;

  /** Reads the memory of a server. This costs it some milliseconds: not during a phase. */
  public static Memory of(ServerProcess server) throws IOException, InterruptedException {
    Footprint footprint = new Footprint(server.pid());
    return new Memory(
        footprint.resident() / MIB, footprint.peak() / MIB, footprint.usedHeap() / MIB);
  }

  /**
   * Summarizes several readings: medians, and the highest peak.
   *
   * @param name prefix of the figure names
   */
  public static List<Figure> figures(String name, List<Memory> readings) {
    return List.of(
        Figure.plain(name + ".server-rss", median(readings, Memory::resident), "MiB"),
        Figure.plain(
            name + ".server-rss-peak",
            readings.stream().mapToDouble(Memory::peak).max().orElse(Double.NaN),
            "MiB"),
        Figure.plain(name + ".server-heap", median(readings, Memory::heap), "MiB"));
  }

  private static double median(List<Memory> readings, ToDoubleFunction<Memory> part) {
    return Statistics.median(readings.stream().mapToDouble(part).toArray());
  }
}
