package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against a real server: all that was acknowledged is stored, and figures are printed. */
@Tag("slow")
class SoakWorkloadTest {
  @Test
  void comparesTheLastThirdWithTheFirst() {
    BenchRun bench = BenchRun.quick("soak");

    assertThat(bench.value("soak.p99-drift")).isPositive();
    assertThat(bench.floor("soak.p99-drift")).isPositive();
    assertThat(bench.isJudged("soak.p99-drift")).isTrue();
    assertThat(bench.value("soak.wal-max")).isPositive();
    assertThat(bench.value("soak.rate")).isPositive();
    assertThat(bench.errors()).contains("wal MiB");
  }
}
