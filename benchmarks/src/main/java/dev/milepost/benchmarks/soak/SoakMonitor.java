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

/** Samples a server every second and summarizes each slice of the run, in its own thread. */
final class SoakMonitor implements AutoCloseable {
  private static final double MIB = 1024 * 1024;

  private final ServerProcess server;
  private final Footprint footprint;
  private final Supplier<Histogram> latencies;
  private final PrintStream progress;
  private final long samplesPerSlice;
  private final List<Slice> slices = new ArrayList<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "monitor"));
  private final long start = System.nanoTime();
  private long samples;
  private double largestLog;

  /**
   * Starts at once.
   *
   * @param latencies returns those since its last call, in nanoseconds
   */
  SoakMonitor(
      ServerProcess server, Supplier<Histogram> latencies, Duration slice, PrintStream progress) {
    this.server = server;
    this.footprint = new Footprint(server.pid());
    this.latencies = latencies;
    this.progress = progress;
    long intervalMillis = Math.min(1_000, slice.toMillis() / 4);
    this.samplesPerSlice = slice.toMillis() / intervalMillis;
    progress.println("  time s   p50 ms   p99 ms  RSS MiB  old MiB   db MiB  wal MiB");
    var unused =
        clock.scheduleWithFixedDelay(
            this::sample, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * The summary of one slice.
   *
   * @param latencies of the reports
   * @param resident resident MiB of the process at its end; NaN if unknown
   */
  record Slice(Histogram latencies, double resident) {}

  private void sample() {
    try {
      samples++;
      double log = mib("milepost.db-wal");
      synchronized (this) {
        largestLog = Math.max(largestLog, log);
      }
      if (samples % samplesPerSlice == 0) {
        sumUp(log);
      }
    } catch (IOException e) {
      progress.println("The server could not be sampled: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sumUp(double log) throws IOException, InterruptedException {
    Slice slice = new Slice(latencies.get(), footprint.resident() / MIB);
    progress.printf(
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

  /** Returns the finished slices in order. */
  synchronized List<Slice> slices() {
    return List.copyOf(slices);
  }

  /** Returns the largest size of the write-ahead log in MiB. */
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
