package dev.milepost.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures one client while another of the same tenant asks for far more than its share. */
@Command(
    name = "noisy-neighbour",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Does a client at ten times its rate limit move another client's 99th percentile?",
      "",
      "Phases A (a well-behaved client alone) and B (the same beside a noisy one) take turns, all"
          + " against one server. The figures are medians over the phases of a kind.",
      ""
    })
final class NoisyNeighbour implements Callable<Integer> {
  /** Longer than the burst that a client may have saved, so that it is used up. */
  private static final Duration LEAD = Duration.ofSeconds(2);

  private final PrintStream out;
  private final PrintStream err;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--server-jar",
      paramLabel = "FILE",
      defaultValue = "${env:MILEPOST_BENCH_SERVER}",
      description = "the server to measure (with ./milepost bench: the one it has built)")
  private @Nullable String serverJar;

  @Option(names = "--server-class-path", paramLabel = "PATH", hidden = true)
  private @Nullable String serverClassPath;

  @Option(
      names = "--limit",
      defaultValue = "200",
      description =
          "calls a second that each user may make (default: ${DEFAULT-VALUE}); low, so that many"
              + " times that much leaves two cores some room")
  private int limit;

  @Option(
      names = "--times",
      defaultValue = "10",
      description =
          "how many times its limit the noisy client asks for (default: ${DEFAULT-VALUE})")
  private double times;

  @Option(
      names = "--rate",
      defaultValue = "100",
      description = "calls a second of the well-behaved client (default: ${DEFAULT-VALUE})")
  private int rate;

  @Option(
      names = "--connections",
      defaultValue = "4",
      description = "connections of the noisy client (default: ${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "with both clients, not measured (default: 75)")
  private @Nullable Integer warmUp;

  @Option(names = "--pairs", paramLabel = "COUNT", description = "phases of each kind (default: 5)")
  private @Nullable Integer pairs;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      description =
          "length of a phase (default: 15); two more go before each that are not measured")
  private @Nullable Integer seconds;

  @Option(
      names = "--quick",
      description = "5 s of warm-up and 2 pairs of 3 s: shows that it works, and no figures")
  private boolean quick;

  @Option(
      names = "--json",
      description = "print the figures as lines of JSON, and all else on standard error")
  private boolean json;

  NoisyNeighbour(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    if (limit < 1 || rate < 1 || rate > limit * 0.8 || times < 1 || connections < 1) {
      throw wrong("--rate must be at most 0.8 of --limit, and everything positive");
    }
    PrintStream people = json ? err : out;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (ServerProcess server = ServerProcess.start(program(), settings());
        WellBehaved quiet = new WellBehaved(server.address());
        Noisy noisy = new Noisy(server.address(), connections)) {
      Rig rig = new Rig(server, quiet, noisy, threads);
      people.printf(
          Locale.ROOT,
          "Limit of a user %d calls/s; well-behaved %d/s; noisy %.0f/s over %d connections; %d"
              + " cores%n",
          limit,
          rate,
          limit * times,
          connections,
          Runtime.getRuntime().availableProcessors());
      int warm = orElse(warmUp, quick ? 5 : 75);
      if (warm > 0) {
        people.println("Warming up for " + warm + " s");
        rig.run(true, Duration.ofSeconds(warm));
      }
      people.println(NoisyReport.heading());
      List<Phase> phases = new ArrayList<>();
      Duration length = Duration.ofSeconds(orElse(seconds, quick ? 3 : 15));
      for (int i = 0; i < 2 * orElse(pairs, quick ? 2 : 5); i++) {
        Phase phase = rig.run(i % 2 == 1, length);
        phases.add(phase);
        people.println(NoisyReport.line(phase));
      }
      NoisyReport report = new NoisyReport(phases);
      report.summary().forEach(people::println);
      long stored = quiet.stored();
      people.printf(
          Locale.ROOT,
          "The store holds %d jobs of the well-behaved client, %d were acknowledged; log of the"
              + " server: %d KiB%n",
          stored,
          quiet.created(),
          server.logBytes() / 1024);
      if (json) {
        report.figures().forEach(figure -> out.println(figure.json()));
      }
      if (stored != quiet.created()) {
        throw new IllegalStateException("the store does not hold what was acknowledged");
      }
      return 0;
    } finally {
      threads.shutdownNow();
    }
  }

  private List<String> program() {
    if (serverClassPath != null) {
      return List.of("-cp", serverClassPath, "dev.milepost.server.config.Main");
    }
    if (serverJar == null) {
      throw wrong("--server-jar is missing");
    }
    return List.of("-jar", serverJar);
  }

  private ParameterException wrong(String message) {
    if (spec == null) {
      throw new IllegalStateException(message);
    }
    return new ParameterException(spec.commandLine(), message);
  }

  private String settings() {
    return """
    milepost.limits {
      user-requests-per-second = %d
      tenant-requests-per-second = 0
      request-burst = 1s
    }
    """
        .formatted(limit);
  }

  private static int orElse(@Nullable Integer given, int otherwise) {
    return given == null ? otherwise : given;
  }

  /** All that takes part in a phase. */
  private final class Rig {
    private final ServerProcess server;
    private final WellBehaved quiet;
    private final Noisy noisy;
    private final ExecutorService threads;
    private final com.sun.management.OperatingSystemMXBean machine =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);

    Rig(ServerProcess server, WellBehaved quiet, Noisy noisy, ExecutorService threads) {
      this.server = server;
      this.quiet = quiet;
      this.noisy = noisy;
      this.threads = threads;
    }

    Phase run(boolean beside, Duration length) throws InterruptedException, ExecutionException {
      long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
      long lead = LEAD.toNanos();
      Future<WellBehaved.Latencies> measured =
          threads.submit(() -> quiet.run(start, lead, length.toNanos(), rate));
      Future<Noisy.Tally> noise =
          threads.submit(
              () ->
                  beside
                      ? noisy.run(start, lead, length.toNanos(), limit * times)
                      : new Noisy.Tally());
      sleepUntil(start + lead);
      machine.getCpuLoad();
      long from = System.nanoTime();
      Duration serverFrom = server.cpu();
      long driverFrom = machine.getProcessCpuTime();
      sleepUntil(start + lead + length.toNanos());
      double machineLoad = machine.getCpuLoad();
      double elapsed = System.nanoTime() - from;
      double serverCores = server.cpu().minus(serverFrom).toNanos() / elapsed;
      double driverCores = (machine.getProcessCpuTime() - driverFrom) / elapsed;
      WellBehaved.Latencies latencies = measured.get();
      Noisy.Tally tally = noise.get();
      return new Phase(
          beside,
          length.toMillis() / 1000.0,
          latencies.intended,
          latencies.sent,
          tally.accepted.get(),
          tally.refused.get(),
          tally.heldBack.get(),
          serverCores,
          driverCores,
          machineLoad < 0 ? Double.NaN : machineLoad * machine.getAvailableProcessors());
    }

    private void sleepUntil(long nanos) throws InterruptedException {
      long left = nanos - System.nanoTime();
      if (left > 0) {
        TimeUnit.NANOSECONDS.sleep(left);
      }
    }
  }
}
