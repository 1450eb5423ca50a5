package dev.milepost.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.benchmarks.figures.Figure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Uses workloads that need no server. */
class AllWorkloadTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void keepsTheFiguresOfOthersIfAWorkloadFails() {
    int code = run(new Finds("first"), new Fails(), new Finds("last"));

    assertThat(code).isEqualTo(1);
    assertThat(text(out).lines().filter(line -> line.startsWith("first.rate"))).hasSize(1);
    assertThat(text(out).lines().filter(line -> line.startsWith("last.rate"))).hasSize(1);
    assertThat(text(err)).contains("bench: fails failed").contains("no disk");
  }

  @Test
  void printsOneTableAtTheEnd() {
    assertThat(run(new Finds("first"), new Finds("last"))).isZero();
    List<String> lines = text(out).lines().toList();
    assertThat(lines.get(lines.size() - 2)).startsWith("first.rate");
    assertThat(lines.get(lines.size() - 1)).startsWith("last.rate");
  }

  private int run(Workload... workloads) {
    return new CommandLine(new AllWorkload(print(out), print(err), List.of(workloads))).execute();
  }

  private static PrintStream print(ByteArrayOutputStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }

  @Command(name = "finds")
  private static final class Finds extends Workload {
    private final String figure;

    Finds(String figure) {
      super(System.out, System.err);
      this.figure = figure;
    }

    @Override
    protected List<Figure> measure(BenchOptions options, PrintStream progress) {
      return List.of(Figure.plain(figure + ".rate", 1, "1/s"));
    }
  }

  @Command(name = "fails")
  private static final class Fails extends Workload {
    Fails() {
      super(System.out, System.err);
    }

    @Override
    protected List<Figure> measure(BenchOptions options, PrintStream progress) {
      throw new IllegalStateException("no disk");
    }
  }
}
