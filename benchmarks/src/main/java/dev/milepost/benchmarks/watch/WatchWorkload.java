package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.PeerFigures;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.floors.EchoServer;
import dev.milepost.benchmarks.floors.EchoStreams;
import dev.milepost.benchmarks.floors.Flushes;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Interleaving;
import dev.milepost.benchmarks.harness.Measured;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.process.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.ConcurrentHistogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures watches: latency, fan-out, and the effect of a watcher that does not read. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Latency from report to watcher, at 500 reports/s on 64 jobs; one job to 1,000 watchers,"
          + " against",
      "a bare fan-out; and to 10,000 watchers, with and without one more that does not read."
    })
public final class WatchWorkload extends Workload {
  private static final int JOBS = 64;

  /** The parts of the benchmark. */
  enum Part {
    LATENCY,
    FAN_OUT,
    SLOW_READER
  }

  @Option(
      names = "--part",
      paramLabel = "PART",
      description = "only these of ${COMPLETION-CANDIDATES} (default: all)")
  private List<Part> parts = List.of(Part.values());

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public WatchWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    Interleaving turns = new Interleaving(options, progress);
    List<Figure> figures = new ArrayList<>();
    try (ServerProcess milepost = Servers.milepost(options)) {
      for (Part part : parts) {
        figures.addAll(
            switch (part) {
              case LATENCY -> latency(milepost, options.peers(), turns);
              case FAN_OUT -> fanOut(milepost, options.quick() ? 50 : 1_000, turns);
              case SLOW_READER -> slowReader(milepost, options.quick() ? 100 : 10_000, turns);
            });
      }
    }
    progress.println("Each watcher received each entry of its journal once and in order");
    return figures;
  }

  private static List<Figure> latency(ServerProcess milepost, PeerFigures peers, Interleaving turns)
      throws Exception {
    try (WatchLatency watch = new WatchLatency(milepost, JOBS);
        EchoStreams pingPong = new EchoStreams("direct", 1, 1);
        Flushes flushes = new Flushes(milepost)) {
      List<Measured> measured = turns.run(List.of(watch, pingPong, flushes));
      watch.check();
      List<Figure> figures = new ArrayList<>();
      for (double percentile : new double[] {50, 99}) {
        String p = "p%.0f".formatted(percentile);
        double value = measured.get(0).millis(percentile);
        double echoed = measured.get(1).millis(percentile);
        double flushed = measured.get(2).millis(percentile);
        figures.add(
            new Figure("watch.latency." + p, value, "ms", 2 * echoed + flushed, Goal.atMost(1)));
        figures.addAll(againstPeers(peers, p, value));
        figures.add(Figure.plain("floor.ping-pong." + p, echoed, "ms"));
        figures.add(Figure.plain("floor.fdatasync." + p, flushed, "ms"));
      }
      figures.add(spread("watch.latency", measured.get(0), 99));
      figures.addAll(measured.get(0).serverFigures("watch.latency"));
      return figures;
    }
  }

  private static List<Figure> againstPeers(PeerFigures peers, String percentile, double value)
      throws IOException {
    List<Figure> figures = new ArrayList<>();
    if (peers.given()) {
      for (String peer : List.of("etcd", "bullmq")) {
        figures.add(
            new Figure(
                "watch.latency." + percentile + "-vs-" + peer,
                value,
                "ms",
                peers.greatest("peer." + peer + ".watch-" + percentile),
                Goal.atMost(1)));
      }
    }
    return figures;
  }

  private static List<Figure> fanOut(ServerProcess milepost, int watchers, Interleaving turns)
      throws Exception {
    try (ServerProcess echo = EchoServer.start("direct");
        HotJob job = new HotJob(milepost);
        WatcherGroup ours = new WatcherGroup(job, watchers)) {
      // The floor sends the message of this round.
      FanOut fan = new FanOut("fan-out-" + watchers, job, ours, false);
      fan.send(new ConcurrentHistogram(WatcherGroup.MAX_NANOS, 3));
      try (EchoFanOut source = new EchoFanOut(echo, ours.lastStep());
          WatcherGroup theirs = new WatcherGroup(source, watchers)) {
        FanOut floor = new FanOut("echo-fan-out-" + watchers, source, theirs, false);
        List<Measured> measured = turns.run(List.of(fan, floor));
        ours.check(job.last());
        theirs.check(source.last());
        job.check();
        double bare = measured.get(1).millis(50);
        List<Figure> figures = new ArrayList<>();
        figures.add(
            new Figure(
                "watch.fan-out.p50", measured.get(0).millis(50), "ms", bare, Goal.atMost(1.2)));
        figures.add(Figure.plain("watch.fan-out.p99", measured.get(0).millis(99), "ms"));
        figures.add(spread("watch.fan-out", measured.get(0), 50));
        figures.addAll(measured.get(0).serverFigures("watch.fan-out"));
        figures.add(Figure.plain("floor.fan-out.p50", bare, "ms"));
        figures.add(Figure.plain("floor.fan-out.p99", measured.get(1).millis(99), "ms"));
        return figures;
      }
    }
  }

  private static List<Figure> slowReader(ServerProcess milepost, int watchers, Interleaving turns)
      throws Exception {
    try (HotJob job = new HotJob(milepost)) {
      job.sendBacklog();
      try (WatcherGroup all = new WatcherGroup(job, watchers)) {
        FanOut alone = new FanOut("fan-out-" + watchers, job, all, true);
        List<Measured> measured = turns.run(List.of(alone, new FanOutBesideSlowReader(alone, job)));
        all.check(job.last());
        job.check();
        List<Figure> figures = new ArrayList<>();
        figures.add(
            new Figure(
                "watch.slow-reader.p99",
                measured.get(1).millis(99),
                "ms",
                measured.get(0).millis(99),
                Goal.atMost(1.1)));
        figures.add(Figure.plain("watch.slow-reader.p50", measured.get(1).millis(50), "ms"));
        figures.add(spread("watch.slow-reader", measured.get(1), 99));
        figures.addAll(measured.get(1).serverFigures("watch.slow-reader"));
        figures.add(Figure.plain("watch.slow-reader.alone-p50", measured.get(0).millis(50), "ms"));
        figures.add(spread("watch.slow-reader.alone", measured.get(0), 99));
        return figures;
      }
    }
  }

  /** The spread of the percentile that is compared with a goal. */
  private static Figure spread(String name, Measured measured, double percentile) {
    double spread =
        Statistics.spread(
            measured.phases().stream().mapToDouble(work -> work.millis(percentile)).toArray());
    return Figure.plain(name + ".spread", spread, "x");
  }
}
