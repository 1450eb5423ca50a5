package dev.milepost.benchmarks.harness;

import dev.milepost.benchmarks.figures.PeerFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every benchmark: the server to measure, durations and output. */
public final class BenchOptions {
  /** Sizes of smaller stores that figure names contain. */
  private static final List<Integer> SIZES = List.of(1_000, 10_000, 100_000);

  private static final Duration MOMENT = Duration.ofMillis(200);

  @Option(
      names = "--server-jar",
      paramLabel = "FILE",
      defaultValue = "${env:MILEPOST_BENCH_SERVER}",
      description = "the server to measure (./milepost bench passes the one that it built)")
  private @Nullable String serverJar;

  /** For tests: starts as fast as possible, so that its figures mean nothing. */
  @Option(names = "--server-class-path", paramLabel = "PATH", hidden = true)
  private @Nullable String serverClassPath;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "warm-up of each variant (default: 75)")
  private @Nullable Integer warmUp;

  @Option(
      names = "--phases",
      paramLabel = "COUNT",
      description = "measured phases of each variant, which alternate (default: 5)")
  private @Nullable Integer phases;

  private static final AtomicInteger PARTS = new AtomicInteger();

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      description = "length of a phase (default: 10)")
  private @Nullable Integer seconds;

  @Option(
      names = "--quick",
      description =
          "short phases and small stores: shows that the benchmark works, not how fast the server"
              + " is")
  private boolean quick;

  @Option(
      names = "--json",
      description = "print the figures as JSON lines, and everything else on standard error")
  private boolean json;

  @Option(names = "--table", description = "print the figures as a table (the default)")
  private boolean table;

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "store of the server: memory:, postgresql://USER:PASSWORD@HOST:PORT/DATABASE or"
              + " redis://USER:PASSWORD@HOST:PORT. Each server uses a new schema or prefix, which"
              + " is not removed (default: a SQLite file)")
  private @Nullable String store;

  @Option(
      names = "--most",
      paramLabel = "JOBS",
      description = "jobs in the largest store of claim and list (default: 1000000)")
  private @Nullable Integer most;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "write a Java Flight Recorder profile of the server to this file")
  private @Nullable String profile;

  @Mixin private final PeerFigures peers = new PeerFigures();

  /** The figures of peers, if given. */
  public PeerFigures peers() {
    return peers;
  }

  /** Whether a short run without meaningful figures was requested. */
  public boolean quick() {
    return quick;
  }

  boolean json() {
    return json && !table;
  }

  /** Returns the warm-up of each variant. */
  public Duration warmUp() {
    return length(warmUp, 75);
  }

  /** Returns the number of measured phases of each variant. */
  public int phases() {
    return orElse(phases, quick ? 1 : 5);
  }

  /** Returns the length of a measured phase. */
  public Duration phase() {
    return length(seconds, 10);
  }

  private Duration length(@Nullable Integer given, int otherwise) {
    return quick && given == null ? MOMENT : Duration.ofSeconds(orElse(given, otherwise));
  }

  /** Returns the number of jobs in a small store. */
  public int few() {
    return quick ? 100 : 1_000;
  }

  /** Returns the number of jobs in a medium store. */
  public int some() {
    return quick ? 100 : 10_000;
  }

  /** Returns the number of jobs in a large store. */
  public int many() {
    return quick ? 300 : 100_000;
  }

  /**
   * Checks the options before anything is filled or measured, which may take minutes.
   *
   * @throws IllegalArgumentException if one is invalid
   */
  void check() {
    if (most != null && (most < 1 || SIZES.contains(most))) {
      throw new IllegalArgumentException(
          "--most must be at least 1 and none of "
              + SIZES
              + ", which are measured anyway, not "
              + most);
    }
  }

  /** Returns the number of jobs in the largest store. */
  public int most() {
    return orElse(most, quick ? 1_000 : 1_000_000);
  }

  /** Returns {@link #most} as figure names contain it. */
  public String mostName() {
    if (most == null || most == 1_000_000) {
      return "1m";
    }
    return most % 1_000 == 0 ? most / 1_000 + "k" : most.toString();
  }

  /** Returns the arguments of {@code java} that start the server. */
  public List<String> program() {
    return program(List.of());
  }

  /** Returns {@link #program()} with additional JVM flags. */
  public List<String> program(List<String> flags) {
    List<String> recording = new ArrayList<>(flags);
    if (profile != null) {
      recording.add("-XX:StartFlightRecording=settings=profile,filename=" + profile);
    }
    if (serverClassPath != null) {
      return with(
          recording, "-XX:TieredStopAtLevel=1", "-cp", serverClassPath, "dev.milepost.server.Main");
    }
    if (serverJar == null || serverJar.isEmpty()) {
      throw new IllegalArgumentException("--server-jar is required");
    }
    return with(recording, "-jar", serverJar);
  }

  /** Returns the URL of a new store; empty: a SQLite file. */
  public Optional<String> store() {
    if (store == null || !(store.startsWith("postgresql:") || store.startsWith("redis"))) {
      return Optional.ofNullable(store);
    }
    String parameter = store.startsWith("redis") ? "prefix" : "currentSchema";
    String part = "bench_" + ProcessHandle.current().pid() + "_" + PARTS.incrementAndGet();
    return Optional.of(store + (store.contains("?") ? "&" : "?") + parameter + "=" + part);
  }

  /** Whether a store other than a SQLite file was requested. */
  public boolean hasStore() {
    return store != null;
  }

  /** Rejects another store for a benchmark that measures a SQLite file. */
  void requireFiles() {
    if (store != null) {
      throw new IllegalArgumentException(
          "--store is not supported: this benchmark measures a SQLite file");
    }
  }

  private static List<String> with(List<String> first, String... rest) {
    List<String> all = new ArrayList<>(first);
    all.addAll(List.of(rest));
    return all;
  }

  private static int orElse(@Nullable Integer given, int otherwise) {
    return given == null ? otherwise : given;
  }
}
