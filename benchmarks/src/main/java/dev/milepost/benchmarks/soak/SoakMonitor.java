package dev.milepost.benchmarks.soak;

import dev.milepost.benchmarks.process.Footprint;
import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** Looks at a server every second, and sums up every slice of the time. Beside who sends. */
final class SoakMonitor implements AutoCloseable {
  private static final double MIB = 1024 * 1024;

  private final ServerProcess server;
  private final Footprint footprint;
  private final Supplier<Histogram> latencies;
  private final PrintStream people;
  private final long looksPerSlice;
  private final List<Slice> slices = new ArrayList<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "gauge"));
  private final long start = System.nanoTime();
  private long looks;
  private double largestLog;

  /**
   * Begins at once.
   *
   * @param latencies gives those since it was asked last, in nanoseconds
   */
  SoakMonitor(
      ServerProcess server, Supplier<Histogram> latencies, Duration slice, PrintStream people) {
    this.server = server;
    this.footprint = new Footprint(server.pid());
    this.latencies = latencies;
    this.people = people;
    long intervalMillis = Math.min(1_000, slice.toMillis() / 4);
    this.looksPerSlice = slice.toMillis() / intervalMillis;
    people.println("  time s   p50 ms   p99 ms  RSS MiB  old MiB   db MiB  wal MiB");
    var unused =
        clock.scheduleWithFixedDelay(
            this::look, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * What was seen in one slice.
   *
   * @param latencies of the reports
   * @param resident MiB of the process at its end; NaN where the system does not say so
   */
  record Slice(Histogram latencies, double resident) {}

  private void look() {
    try {
      looks++;
      double log = mib("milepost.db-wal");
      synchronized (this) {
        largestLog = Math.max(largestLog, log);
      }
      if (looks % looksPerSlice == 0) {
        sumUp(log);
      }
    } catch (IOException e) {
      people.println("A look at the server has failed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sumUp(double log) throws IOException, InterruptedException {
    Slice slice = new Slice(latencies.get(), footprint.resident() / MIB);
    people.printf(
        Locale.ROOT,
        "%8.0f %8.2f %8.2f %8.0f %8.1f %8.1f %8.1f%n",
        (System.nanoTime() - start) / 1e9,
        slice.latencies.getValueAtPercentile(50) / 1e6,
        slice.latencies.getValueAtPercentile(99) / 1e6,
        slice.resident,
        footprint.oldGeneration() / MIB,
        mib("milepost.db"),
        log);
    synchronized (this) {
      slices.add(slice);
    }
  }

  private double mib(String file) throws IOException {
    Path path = server.directory().resolve(file);
    return Files.exists(path) ? Files.size(path) / MIB : 0;
  }

  /** Those that are over, in their order. */
  synchronized List<Slice> slices() {
    return List.copyOf(slices);
  }

  /** MiB that the write-ahead log took at most. */
  synchronized double largestLog() {
    return largestLog;
  }

  @Override
  public void close() throws InterruptedException {
    clock.shutdown();
    if (!clock.awaitTermination(10, TimeUnit.SECONDS)) {
      clock.shutdownNow();
    }
  }
}
