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

/** What every benchmark can be told: which server to measure, how long, and how to say it. */
public final class BenchOptions {
  /** Sizes of smaller stores that figures have in their names. */
  private static final List<Integer> SIZES = List.of(1_000, 10_000, 100_000);

  private static final Duration MOMENT = Duration.ofMillis(200);

  @Option(
      names = "--server-jar",
      paramLabel = "FILE",
      defaultValue = "${env:MILEPOST_BENCH_SERVER}",
      description = "the server to measure (with ./milepost bench: the one it has built)")
  private @Nullable String serverJar;

  /** For tests: no figure from such a server means anything, so it starts as fast as it can. */
  @Option(names = "--server-class-path", paramLabel = "PATH", hidden = true)
  private @Nullable String serverClassPath;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "each variant's work before anything is measured (default: 75)")
  private @Nullable Integer warmUp;

  @Option(
      names = "--phases",
      paramLabel = "COUNT",
      description = "measured phases of each variant, taking turns (default: 5)")
  private @Nullable Integer phases;

  private static final AtomicInteger PARTS = new AtomicInteger();

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      description = "length of a phase (default: 10)")
  private @Nullable Integer seconds;

  @Option(
      names = "--quick",
      description = "short phases, no warm-up worth the name, small stores: shows that it works")
  private boolean quick;

  @Option(
      names = "--json",
      description = "print the figures as lines of JSON, and all else on standard error")
  private boolean json;

  @Option(names = "--table", description = "print the figures as a table (the default)")
  private boolean table;

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "store of the server: memory:, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE or"
              + " redis://USER:PASSWORD@HOST:PORT, of which each server takes a schema or prefix of"
              + " its own, which stays (default: a SQLite file)")
  private @Nullable String store;

  @Option(
      names = "--most",
      paramLabel = "JOBS",
      description = "jobs in the largest store that claim and list measure (default: 1000000)")
  private @Nullable Integer most;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "let the server record itself (Java Flight Recorder) into this file")
  private @Nullable String profile;

  @Mixin private final PeerFigures peers = new PeerFigures();

  /** What the peers have reached, where that is known. */
  public PeerFigures peers() {
    return peers;
  }

  public boolean quick() {
    return quick;
  }

  boolean json() {
    return json && !table;
  }

  public Duration warmUp() {
    return length(warmUp, 75);
  }

  public int phases() {
    return orElse(phases, quick ? 1 : 5);
  }

  public Duration phase() {
    return length(seconds, 10);
  }

  private Duration length(@Nullable Integer given, int otherwise) {
    return quick && given == null ? MOMENT : Duration.ofSeconds(orElse(given, otherwise));
  }

  /** Jobs in a small store. */
  public int few() {
    return quick ? 100 : 1_000;
  }

  /** Jobs in a store of some size. */
  public int some() {
    return quick ? 100 : 10_000;
  }

  /** Jobs in a large store. */
  public int many() {
    return quick ? 300 : 100_000;
  }

  /** Jobs in a store as large as they get. */
  public int most() {
    if (most != null && (most < 1 || SIZES.contains(most))) {
      throw new IllegalArgumentException(
          "--most is a number of jobs from 1 on, but none of "
              + SIZES
              + ", which are measured anyway: not "
              + most);
    }
    return orElse(most, quick ? 1_000 : 1_000_000);
  }

  /** The same as figures have it in their names. */
  public String mostName() {
    if (most == null || most == 1_000_000) {
      return "1m";
    }
    return most % 1_000 == 0 ? most / 1_000 + "k" : most.toString();
  }

  /** The server's program: what follows {@code java}. */
  public List<String> program() {
    return program(List.of());
  }

  /** The same with flags of its virtual machine. */
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
      throw new IllegalArgumentException("--server-jar is missing");
    }
    return with(recording, "-jar", serverJar);
  }

  /** Store of a server that begins with an empty one; empty: a SQLite file. */
  public Optional<String> store() {
    if (store == null || !(store.startsWith("postgresql:") || store.startsWith("redis"))) {
      return Optional.ofNullable(store);
    }
    String parameter = store.startsWith("redis") ? "prefix" : "currentSchema";
    String part = "bench_" + ProcessHandle.current().pid() + "_" + PARTS.incrementAndGet();
    return Optional.of(store + (store.contains("?") ? "&" : "?") + parameter + "=" + part);
  }

  /** Whether another store than a SQLite file was asked for. */
  public boolean hasStore() {
    return store != null;
  }

  /** Refuses another store, where a benchmark is about a file. */
  void requireFiles() {
    if (store != null) {
      throw new IllegalArgumentException(
          "--store is not for a benchmark that is about a SQLite file");
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
