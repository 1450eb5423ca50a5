package dev.milepost.benchmarks.http;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.process.Footprint;
import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Measures the server's memory of an open page beyond that of an event stream of bare Jetty. */
final class PageMemory {
  private static final List<String> TRACKED = List.of("-XX:NativeMemoryTracking=summary");
  private static final int SAMPLES = 3;
  private static final double MAX_BEYOND = 8 * 1024;

  private PageMemory() {}

  /**
   * Memory in bytes.
   *
   * @param heap of live objects
   * @param direct outside of the heap: buffers
   */
  private record Cost(double heap, double direct) {}

  static List<Figure> measure(BenchOptions options, int pages)
      throws IOException, InterruptedException {
    Cost page;
    Cost stream;
    try (ServerProcess server = Servers.milepost(options, TRACKED);
        OpenPages open = new OpenPages(URI.create(server.http()))) {
      page = perPage(server, open, pages);
    }
    try (ServerProcess server = BareEvents.start(TRACKED);
        OpenPages open = new OpenPages(URI.create("http://" + server.address()))) {
      stream = perPage(server, open, pages);
    }
    double beyond = page.heap + page.direct - stream.heap - stream.direct;
    return List.of(
        new Figure("http.page.bytes", beyond, "B", Double.NaN, Goal.atMost(MAX_BEYOND)),
        new Figure("http.page.heap", page.heap, "B", stream.heap, Goal.NONE),
        new Figure("http.page.direct", page.direct, "B", stream.direct, Goal.NONE));
  }

  /** Returns the memory per page when their number grows from the half to all. */
  private static Cost perPage(ServerProcess server, OpenPages open, int pages)
      throws IOException, InterruptedException {
    Footprint footprint = new Footprint(server.pid());
    open.open(pages / 2);
    Cost before = now(footprint);
    open.open(pages - pages / 2);
    Cost after = now(footprint);
    double more = pages - pages / 2.0;
    return new Cost((after.heap - before.heap) / more, (after.direct - before.direct) / more);
  }

  private static Cost now(Footprint footprint) throws IOException, InterruptedException {
    double[] heap = new double[SAMPLES];
    double[] direct = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      heap[i] = footprint.liveHeap();
      direct[i] = footprint.direct();
    }
    return new Cost(Statistics.median(heap), Statistics.median(direct));
  }
}
