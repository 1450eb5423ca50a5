package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Runs micro-benchmarks once and checks the figures that they print. */
class MicroWorkloadTest {
  @Test
  void printsTimeAndAllocationOfEachOperation() {
    BenchRun run =
        BenchRun.run(
            "micro", "--quick", "--json", "--only", "reportProgress|write|PageTokens.token");

    assertThat(run.code()).as(run.errors()).isZero();
    assertThat(run.output().lines().map(l -> l.replaceFirst("\"value\":[1-9][0-9.]*,.*", "")))
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
    assertThat(run.errors()).contains("Rules.reportProgress").contains("bytes/op");
  }

  @Test
  void rejectsAPatternThatMatchesNoOperation() {
    BenchRun run = BenchRun.run("micro", "--quick", "--only", "nothingIsCalledSo");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.errors()).contains("bench: no operation");
  }
}
