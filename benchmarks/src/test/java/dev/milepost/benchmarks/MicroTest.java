package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The micro-benchmarks run, and say what they measured. */
class MicroTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void printsTimeAndAllocationOfEachOperationAsFigures() {
    assertThat(run("micro", "--quick", "--json", "--only", "reportProgress|write|PageTokens.token"))
        .as(text(err))
        .isZero();
    assertThat(text(out).lines().map(line -> line.replaceFirst("\"value\":[1-9][0-9.]*,.*", "")))
        .containsExactly(
            "{\"name\":\"micro.Encoding.write\",",
            "{\"name\":\"micro.Encoding.write.least\",",
            "{\"name\":\"micro.Encoding.write.bytes\",",
            "{\"name\":\"micro.PageTokens.token\",",
            "{\"name\":\"micro.PageTokens.token.least\",",
            "{\"name\":\"micro.PageTokens.token.bytes\",",
            "{\"name\":\"micro.Rules.reportProgress\",",
            "{\"name\":\"micro.Rules.reportProgress.least\",",
            "{\"name\":\"micro.Rules.reportProgress.bytes\",");
    assertThat(text(err)).contains("Rules.reportProgress").contains("bytes/op");
  }

  @Test
  void saysSoWhereNothingHasThatName() {
    assertThat(run("micro", "--quick", "--only", "nothingIsCalledSo")).isEqualTo(1);
    assertThat(text(err)).contains("bench: no operation");
  }

  private int run(String... args) {
    return Main.run(print(out), print(err), args);
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
