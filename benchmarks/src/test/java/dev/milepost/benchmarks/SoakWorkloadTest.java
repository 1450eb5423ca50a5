package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Against a real server, for a moment: what was acknowledged is there, and is said how it went. */
class SoakWorkloadTest {
  @Test
  void theLastThirdIsHeldAgainstTheFirst() {
    BenchRun bench = BenchRun.quick("soak");

    assertThat(bench.value("soak.p99-drift")).isPositive();
    assertThat(bench.floor("soak.p99-drift")).isPositive();
    assertThat(bench.isJudged("soak.p99-drift")).isTrue();
    assertThat(bench.value("soak.wal-max")).isPositive();
    assertThat(bench.value("soak.rate")).isPositive();
    assertThat(bench.errors()).contains("wal MiB");
  }
}
