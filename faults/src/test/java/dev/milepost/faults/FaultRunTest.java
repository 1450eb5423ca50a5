package dev.milepost.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short run on each engine. {@code ./milepost faults} runs longer ones. */
@Tag("slow")
class FaultRunTest {
  private static final class Output {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Override
    public String toString() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgres", "redis"})
  void allGuaranteesHold(String store) {
    Output output = new Output();
    int code =
        Main.run(
            output.stream,
            output.stream,
            "--store=" + store,
            "--seeds=7",
            "--seconds=4",
            "--workers=12",
            "--jobs=60",
            "--watchers=30");
    assertThat(code).withFailMessage(output::toString).isZero();
    assertThat(output.toString())
        .contains("60 jobs", "30 watches", "killed", "store crashed", "All guarantees held.")
        .containsPattern("\\([1-9][0-9]* connections closed\\)");
  }

  @Test
  void attacksDoNotEndTheServer() {
    Output output = new Output();
    int code =
        Main.run(
            output.stream, output.stream, "--attack=HALF_REQUESTS,UNREAD_LISTS", "--seconds=4");
    assertThat(code).withFailMessage(output::toString).isZero();
    assertThat(output.toString())
        .contains("NONE", "HALF_REQUESTS", "UNREAD_LISTS", "MiB", "All guarantees held.");
  }

  @Test
  void rejectsInvalidOptions() {
    for (String wrong :
        new String[] {"--store=mysql", "--seeds=x", "--jobs=0", "--attack=NUDGE", "--what"}) {
      Output output = new Output();
      assertThat(Main.run(output.stream, output.stream, wrong)).isEqualTo(2);
      assertThat(output.toString()).contains(wrong.split("=")[0]);
    }
  }
}
