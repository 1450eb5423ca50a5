package dev.milepost.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short run on each engine; a long one is for {@code ./milepost faults}. */
class FaultRunTest {
  private static final class Said {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Override
    public String toString() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgres", "redis"})
  void everyPromiseIsKept(String store) {
    Said said = new Said();
    int code =
        Main.run(
            said.stream,
            said.stream,
            "--store=" + store,
            "--seeds=7",
            "--seconds=6",
            "--workers=12",
            "--jobs=60",
            "--watchers=30");
    assertThat(code).withFailMessage(said::toString).isZero();
    assertThat(said.toString())
        .contains("60 jobs", "30 watches", "killed", "store crashed", "Every promise was kept.")
        .containsPattern("\\([1-9][0-9]* connections cut\\)");
  }

  @Test
  void whatIsAskedWronglyIsRefused() {
    for (String wrong : new String[] {"--store=mysql", "--seeds=x", "--jobs=0", "--what"}) {
      Said said = new Said();
      assertThat(Main.run(said.stream, said.stream, wrong)).isEqualTo(2);
      assertThat(said.toString()).contains(wrong.split("=")[0]);
    }
  }
}
