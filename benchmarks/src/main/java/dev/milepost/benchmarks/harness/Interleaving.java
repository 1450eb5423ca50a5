package dev.milepost.benchmarks.harness;

import com.sun.management.OperatingSystemMXBean;
import dev.milepost.benchmarks.process.Memory;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs the phases of variants alternately (A B A B), so that other load on the machine affects all
 * of them alike.
 */
public final class Interleaving {
  private final BenchOptions options;
  private final PrintStream progress;
  private final OperatingSystemMXBean machine =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /**
   * Creates a run with the given durations.
   *
   * @param progress receives a line per phase
   */
  public Interleaving(BenchOptions options, PrintStream progress) {
    this.options = options;
    this.progress = progress;
  }

  /** Warms all variants up, then measures them. Results are in the order of the variants. */
  public List<Measured> run(List<? extends Variant> variants) throws Exception {
    return run(variants, options.warmUp());
  }

  /** Does the same with another warm-up. */
  public List<Measured> run(List<? extends Variant> variants, Duration warmUp) throws Exception {
    for (Variant variant : variants) {
      progress.printf(
          Locale.ROOT, "Warming up %s for %.0f s%n", variant.name(), warmUp.toMillis() / 1e3);
      variant.run(warmUp);
    }
    progress.println(
        "variant                      done/s    p50 ms    p99 ms  p99.9 ms   cores: server  driver"
            + "  others");
    Map<Variant, Measured> measured = new LinkedHashMap<>();
    for (Variant variant : variants) {
      measured.put(variant, Measured.served(variant.name()));
    }
    for (int i = 0; i < options.phases(); i++) {
      for (Map.Entry<Variant, Measured> turn : measured.entrySet()) {
        measure(turn.getKey(), turn.getValue());
      }
    }
    return List.copyOf(measured.values());
  }

  private void measure(Variant variant, Measured into) throws Exception {
    machine.getCpuLoad();
    Duration serverFrom = variant.server().cpu();
    long driverFrom = machine.getProcessCpuTime();
    long from = System.nanoTime();
    PhaseResult work = variant.run(options.phase());
    double elapsed = System.nanoTime() - from;
    double all = machine.getCpuLoad() * machine.getAvailableProcessors();
    double server = variant.server().cpu().minus(serverFrom).toNanos() / elapsed;
    double driver = (machine.getProcessCpuTime() - driverFrom) / elapsed;
    into.phases().add(work);
    into.serverCores().add(server);
    into.driverCores().add(driver);
    into.memory().add(Memory.of(variant.server()));
    progress.printf(
        Locale.ROOT,
        "%-24s %10.0f %9.2f %9.2f %9.2f %15.2f %7.2f %7.2f%n",
        variant.name(),
        work.perSecond(),
        work.millis(50),
        work.millis(99),
        work.millis(99.9),
        server,
        driver,
        Math.max(0, all - server - driver));
  }
}
