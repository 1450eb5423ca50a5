package dev.milepost.benchmarks.floors;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Interleaving;
import dev.milepost.benchmarks.harness.Measured;
import dev.milepost.benchmarks.harness.Workload;
import dev.milepost.benchmarks.process.Directories;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Measures what no server of this kind can outperform: the disk, SQLite and gRPC alone. */
@Command(
    name = "floors",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Flushes to the disk, bare SQLite inserts, and bare gRPC echoes.")
public final class FloorsWorkload extends Workload {
  private static final int IN_FLIGHT = 64;
  private static final int WINDOW = 16;
  private static final List<Integer> ROWS = List.of(1, 10, 100, 1_000);
  private static final List<String> EXECUTORS = List.of("default", "direct");

  /**
   * Creates the command.
   *
   * @param out receives figures
   * @param err receives errors, and progress if figures are JSON
   */
  public FloorsWorkload(PrintStream out, PrintStream err) {
    super(out, err);
  }

  @Override
  protected List<Figure> measure(BenchOptions options, PrintStream progress) throws Exception {
    List<Figure> figures = new ArrayList<>();
    Path directory = Directories.create();
    try {
      figures.addAll(disk(directory, options, progress));
      figures.addAll(sqlite(directory, options, progress));
    } finally {
      Directories.remove(directory);
    }
    for (String executor : EXECUTORS) {
      figures.addAll(echoes(executor, options, progress));
    }
    return figures;
  }

  private static List<Figure> disk(Path directory, BenchOptions options, PrintStream progress)
      throws IOException {
    progress.println("Flushing pages to the disk");
    Measured flushes = Measured.alone("fdatasync");
    try (DiskFloor disk = new DiskFloor(directory.resolve("pages"))) {
      for (int i = 0; i < options.phases(); i++) {
        flushes.phases().add(disk.run(options.phase()));
      }
    }
    return List.of(
        Figure.plain("floors.fdatasync.rate", flushes.perSecond(), "1/s"),
        Figure.plain("floors.fdatasync.p50", flushes.millis(50), "ms"),
        Figure.plain("floors.fdatasync.p99", flushes.millis(99), "ms"));
  }

  private static List<Figure> sqlite(Path directory, BenchOptions options, PrintStream progress)
      throws SQLException {
    progress.println("Inserting rows into SQLite");
    List<Measured> inserts = ROWS.stream().map(rows -> Measured.alone("sqlite-" + rows)).toList();
    for (int i = 0; i < options.phases(); i++) {
      for (int rows = 0; rows < ROWS.size(); rows++) {
        Path file = directory.resolve(inserts.get(rows).name() + "-" + i + ".db");
        try (SqliteFloor sqlite = new SqliteFloor(file)) {
          inserts.get(rows).phases().add(sqlite.run(ROWS.get(rows), options.phase()));
        }
      }
    }
    return inserts.stream()
        .map(each -> Figure.plain("floors." + each.name() + ".rate", each.perSecond(), "1/s"))
        .toList();
  }

  private static List<Figure> echoes(String executor, BenchOptions options, PrintStream progress)
      throws Exception {
    try (EchoUnary unary = new EchoUnary(executor, IN_FLIGHT);
        EchoStreams bidi = new EchoStreams(executor, IN_FLIGHT, WINDOW);
        EchoStreams pingPong = new EchoStreams(executor, 1, 1)) {
      List<Measured> measured =
          new Interleaving(options, progress).run(List.of(unary, bidi, pingPong));
      return List.of(
          Figure.plain(
              "floors.echo-unary-" + executor + ".rate", measured.get(0).perSecond(), "1/s"),
          Figure.plain(
              "floors.echo-bidi-" + executor + ".rate", measured.get(1).perSecond(), "1/s"),
          Figure.plain("floors.ping-pong-" + executor + ".p50", measured.get(2).millis(50), "ms"),
          Figure.plain("floors.ping-pong-" + executor + ".p99", measured.get(2).millis(99), "ms"));
    }
  }
}
