package dev.milepost.benchmarks.life;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.PeerFigures;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Interleaving;
import dev.milepost.benchmarks.harness.Measured;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.harness.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Measures whole job lives: with each write acknowledged, and through the Java client. */
@Command(
    name = "life",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "64 concurrent job lives of 33 writes each: create, claim, 20 progress reports, 10 log"
          + " lines,",
      "complete. Once with each write acknowledged before the next, once through the Java client."
    })
public final class LifeWorkload extends Workload {
  private static final int LIVES = 64;

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public LifeWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    double peer = bestPeer(options.peers());
    try (AcknowledgedLives acknowledged = new AcknowledgedLives(Servers.milepost(options), LIVES);
        SdkLives sdk = new SdkLives(Servers.milepost(options), LIVES)) {
      List<Measured> measured = new Interleaving(options, progress).run(List.of(acknowledged, sdk));
      progress.printf(
          "The store holds each acknowledged life: %d of single calls, %d of the client%n",
          acknowledged.check(), sdk.check());
      List<Figure> figures = new ArrayList<>();
      figures.addAll(figures("life.acknowledged", measured.get(0), peer, 3));
      figures.addAll(figures("life.sdk", measured.get(1), peer, 10));
      return figures;
    }
  }

  /** Returns the best rate of the peers that acknowledge durable writes; NaN if unknown. */
  private static double bestPeer(PeerFigures peers) throws IOException {
    return peers.given()
        ? peers.greatest("peer.bullmq.life", "peer.etcd.life", "peer.postgresql.life")
        : Double.NaN;
  }

  private static List<Figure> figures(String name, Measured lives, double peer, double times) {
    Goal goal = Double.isNaN(peer) ? Goal.NONE : Goal.atLeast(times);
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(name + ".rate", lives.perSecond(), "1/s", peer, goal));
    figures.add(Figure.plain(name + ".p50", lives.millis(50), "ms"));
    figures.add(Figure.plain(name + ".p99", lives.millis(99), "ms"));
    figures.add(Figure.plain(name + ".spread", lives.spread(), "x"));
    figures.addAll(lives.serverFigures(name));
    return figures;
  }
}
