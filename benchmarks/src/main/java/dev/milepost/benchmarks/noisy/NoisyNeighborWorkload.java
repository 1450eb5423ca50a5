package dev.milepost.benchmarks.noisy;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.process.Memory;
import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

/** Measures one client while another one of the same tenant exceeds its rate limit. */
@Command(
    name = "noisy-neighbour",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Does a client at ten times its rate limit affect another client's 99th percentile?",
      "",
      "Phases A (a well-behaved client alone), B (beside a client at its limit, as the control) and"
          + " C (beside a noisy one) alternate on one server. The figures are medians over the"
          + " phases of a kind.",
      ""
    })
public final class NoisyNeighborWorkload extends Workload {
  private static final Duration BURST = Duration.ofSeconds(1);

  /**
   * Long enough that a busy machine's hiccup does not exceed the rate of the well-behaved client.
   */
  private static final Duration QUICK_BURST = Duration.ofMillis(250);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--limit",
      defaultValue = "200",
      description =
          "calls per second that each user may make (default: ${DEFAULT-VALUE}); low, so that many"
              + " times the limit does not saturate two cores")
  private int limit = 200;

  @Option(
      names = "--times",
      defaultValue = "10",
      description =
          "rate of the noisy client in multiples of its limit (default: ${DEFAULT-VALUE})")
  private double times = 10;

  @Option(
      names = "--rate",
      defaultValue = "100",
      description = "calls per second of the well-behaved client (default: ${DEFAULT-VALUE})")
  private int rate = 100;

  @Option(
      names = "--connections",
      defaultValue = "4",
      description = "connections of the noisy client (default: ${DEFAULT-VALUE})")
  private int connections = 4;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public NoisyNeighborWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    if (limit < 1 || rate < 1 || rate > limit * 0.8 || times < 1 || connections < 1) {
      throw wrong("--rate must be at most 0.8 of --limit, and all numbers positive");
    }
    Duration burst = options.quick() ? QUICK_BURST : BURST;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (ServerProcess server =
            ServerProcess.start(options.program(), options.store(), settings(burst));
        WellBehavedClient wellBehaved = new WellBehavedClient(server.address());
        NoisyClient noisy = new NoisyClient(server.address(), connections)) {
      progress.printf(
          Locale.ROOT,
          "Limit of a user %d calls/s; well-behaved %d/s; noisy %.0f/s over %d connections; %d"
              + " cores%n",
          limit,
          rate,
          limit * times,
          connections,
          Runtime.getRuntime().availableProcessors());
      NoisyReport report =
          new NoisyReport(
              run(
                  new Rig(server, wellBehaved, noisy, threads, burst.multipliedBy(2)),
                  options,
                  progress));
      report.summary().forEach(progress::println);
      check(wellBehaved, server, progress);
      return report.figures();
    } finally {
      threads.shutdownNow();
    }
  }

  private List<NoisyPhase> run(Rig rig, BenchOptions options, PrintStream progress)
      throws IOException, InterruptedException, ExecutionException {
    if (!options.warmUp().isZero()) {
      progress.printf("Warming up for %d s%n", options.warmUp().toSeconds());
      rig.run(Neighbor.NOISY, options.warmUp());
    }
    progress.println(NoisyReport.heading());
    List<NoisyPhase> phases = new ArrayList<>();
    for (int i = 0; i < options.phases(); i++) {
      for (Neighbor neighbor : Neighbor.values()) {
        NoisyPhase phase = rig.run(neighbor, options.phase());
        phases.add(phase);
        progress.println(NoisyReport.line(phase));
      }
    }
    return phases;
  }

  /** Fails if the store does not hold exactly the acknowledged jobs. */
  private static void check(
      WellBehavedClient wellBehaved, ServerProcess server, PrintStream progress)
      throws IOException {
    long stored = wellBehaved.stored();
    progress.printf(
        Locale.ROOT,
        "The store holds %d jobs of the well-behaved client, %d were acknowledged; the server's log"
            + " has %d KiB%n",
        stored,
        wellBehaved.created(),
        server.logBytes() / 1024);
    if (stored != wellBehaved.created()) {
      throw new IllegalStateException("the store does not hold exactly the acknowledged jobs");
    }
  }

  private ParameterException wrong(String message) {
    if (spec == null) {
      throw new IllegalStateException(message);
    }
    return new ParameterException(spec.commandLine(), message);
  }

  private String settings(Duration burst) {
    return """
    milepost.limits {
      user-requests-per-second = %d
      tenant-requests-per-second = 0
      request-burst = %dms
    }
    """
        .formatted(limit, burst.toMillis());
  }

  /** The participants of a phase. */
  private final class Rig {
    private final ServerProcess server;
    private final WellBehavedClient wellBehaved;
    private final NoisyClient noisy;
    private final ExecutorService threads;

    /** Longer than the burst allowance, so that the measured phase starts with it used up. */
    private final Duration leadIn;

    private final com.sun.management.OperatingSystemMXBean machine =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);

    Rig(
        ServerProcess server,
        WellBehavedClient wellBehaved,
        NoisyClient noisy,
        ExecutorService threads,
        Duration leadIn) {
      this.server = server;
      this.wellBehaved = wellBehaved;
      this.noisy = noisy;
      this.threads = threads;
      this.leadIn = leadIn;
    }

    NoisyPhase run(Neighbor neighbor, Duration length)
        throws IOException, InterruptedException, ExecutionException {
      long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
      long lead = leadIn.toNanos();
      Future<WellBehavedClient.Latencies> measured =
          threads.submit(() -> wellBehaved.run(start, lead, length.toNanos(), rate));
      Future<NoisyClient.Tally> noise = threads.submit(() -> make(neighbor, start, length));
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
      WellBehavedClient.Latencies latencies = measured.get();
      NoisyClient.Tally tally = noise.get();
      return new NoisyPhase(
          neighbor,
          length.toMillis() / 1000.0,
          latencies.intended,
          latencies.sent,
          tally.accepted.get(),
          tally.refused.get(),
          tally.heldBack.get(),
          serverCores,
          driverCores,
          machineLoad < 0 ? Double.NaN : machineLoad * machine.getAvailableProcessors(),
          Memory.of(server));
    }

    private NoisyClient.Tally make(Neighbor neighbor, long start, Duration length)
        throws InterruptedException {
      return switch (neighbor) {
        case NONE -> new NoisyClient.Tally();
        case AT_LIMIT -> noisy.run(start, leadIn.toNanos(), length.toNanos(), limit);
        case NOISY -> noisy.run(start, leadIn.toNanos(), length.toNanos(), limit * times);
      };
    }

    private void sleepUntil(long nanos) throws InterruptedException {
      long left = nanos - System.nanoTime();
      if (left > 0) {
        TimeUnit.NANOSECONDS.sleep(left);
      }
    }
  }
}
