package dev.milepost.benchmarks.create;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.process.Footprint;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import dev.milepost.client.Worker;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;

/** Measures a large batch: how fast it is created, and how much memory that takes. */
@Command(
    name = "batch",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Creates a batch of a million items with the Java client, and measures the memory of both",
      "sides; then runs all child jobs until the batch is at 100 %%."
    })
public final class BatchWorkload extends Workload {
  private static final String USER = "user-0";
  private static final int ITEMS_PER_CHILD = 2_000;
  private static final double MIB = 1024 * 1024;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public BatchWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    int few = options.quick() ? 1_000 : 100_000;
    List<Figure> figures = new ArrayList<>();
    try (ServerProcess server = Servers.milepost(options);
        JobClient client = JobClient.builder(server.address()).user(USER).build()) {
      progress.printf("A batch of %,d items, as warm-up%n", few);
      Made small = make(server, client, few);
      progress.printf("A batch of %,d items%n", 10 * few);
      Made large = make(server, client, 10 * few);
      figures.add(Figure.plain("batch.items", large.items / large.seconds, "1/s"));
      figures.add(Figure.plain("batch.seconds", large.seconds, "s"));
      figures.add(
          new Figure(
              "batch.server-rss-peak", large.serverPeak, "MiB", small.serverPeak, Goal.NONE));
      figures.add(
          new Figure(
              "batch.client-heap-peak", large.clientPeak, "MiB", small.clientPeak, Goal.NONE));
      progress.printf("Running its %,d child jobs%n", 10 * few / ITEMS_PER_CHILD);
      long started = System.nanoTime();
      Job done = work(client, small, large);
      figures.add(Figure.plain("batch.worked-on", seconds(started), "s"));
      figures.add(
          Figure.plain(
              "batch.children", (double) done.getStatus().getChildCounts().getSucceeded(), "jobs"));
      figures.add(Figure.plain("batch.percent", done.getStatus().getProgress().getPercent(), "%"));
    }
    return figures;
  }

  /** A batch and the peak memory after its creation. */
  private record Made(
      JobHandle batch, int items, double seconds, double serverPeak, double clientPeak) {}

  private static Made make(ServerProcess server, JobClient client, int count) throws IOException {
    Iterable<Item> items =
        () ->
            IntStream.range(0, count)
                .mapToObj(
                    i ->
                        Item.newBuilder()
                            .setId("photo-" + i)
                            .setProjectId("project-" + i % 100)
                            .build())
                .iterator();
    heaps().forEach(MemoryPoolMXBean::resetPeakUsage);
    long started = System.nanoTime();
    JobHandle batch = client.createBatch(JobSpec.of("resize"), items);
    double seconds = seconds(started);
    double clientPeak = heaps().stream().mapToLong(heap -> heap.getPeakUsage().getUsed()).sum();
    double serverPeak = new Footprint(server.pid()).peak();
    return new Made(batch, count, seconds, serverPeak / MIB, clientPeak / MIB);
  }

  private static List<MemoryPoolMXBean> heaps() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }

  private static double seconds(long begunNanos) {
    return (System.nanoTime() - begunNanos) / 1e9;
  }

  private static Job work(JobClient client, Made small, Made large) {
    try (Worker worker = client.worker().handler("resize", job -> {}).concurrency(8).start()) {
      check(small, small.batch.await(Duration.ofMinutes(5)));
      return check(large, large.batch.await(Duration.ofMinutes(5)));
    }
  }

  private static Job check(Made made, Job done) {
    JobStatus status = done.getStatus();
    int children = (made.items + ITEMS_PER_CHILD - 1) / ITEMS_PER_CHILD;
    if (status.getProgress().getPercent() != 100
        || status.getProgress().getTotal() != made.items
        || status.getChildCounts().getSucceeded() != children) {
      throw new IllegalStateException("the batch is incomplete: " + status);
    }
    return done;
  }
}
