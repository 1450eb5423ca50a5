package dev.milepost.benchmarks.process;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Statistics;
import java.io.IOException;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a server's process holds of the machine's memory, in MiB. What is not known is NaN.
 *
 * @param resident in memory now
 * @param peak the most that was in memory since its start
 * @param heap its heap in use, with what is not collected yet: nothing is collected for the look
 */
public record Memory(double resident, double peak, double heap) {
  private static final double MIB = 1024 * 1024;

  /** Looks at a server. It costs the server some milliseconds, so not while it is measured. */
  public static Memory of(ServerProcess server) throws IOException, InterruptedException {
    Footprint footprint = new Footprint(server.pid());
    return new Memory(
        footprint.resident() / MIB, footprint.peak() / MIB, footprint.usedHeap() / MIB);
  }

  /**
   * What several looks say together: the medians, and the greatest peak.
   *
   * @param name what the figures' names begin with
   */
  public static List<Figure> figures(String name, List<Memory> looks) {
    return List.of(
        Figure.plain(name + ".server-rss", median(looks, Memory::resident), "MiB"),
        Figure.plain(
            name + ".server-rss-peak",
            looks.stream().mapToDouble(Memory::peak).max().orElse(Double.NaN),
            "MiB"),
        Figure.plain(name + ".server-heap", median(looks, Memory::heap), "MiB"));
  }

  private static double median(List<Memory> looks, ToDoubleFunction<Memory> part) {
    return Statistics.median(looks.stream().mapToDouble(part).toArray());
  }
}
