package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against a real server: the figures are present. Their size is not tested. */
@Tag("slow")
class ForeignWorkloadTest {
  @Test
  void comparesJobsOfOthersWithJobsThatDoNotExist() {
    BenchRun bench = BenchRun.quick("foreign");

    for (String call : new String[] {"get", "cancel", "watch", "journal"}) {
      for (String name : new String[] {"foreign." + call, "foreign." + call + ".large"}) {
        assertThat(bench.value(name)).isPositive();
        assertThat(bench.floor(name)).isPositive();
        assertThat(bench.value(name + ".apart")).isGreaterThanOrEqualTo(1);
        assertThat(bench.isJudged(name + ".apart")).isTrue();
        assertThat(bench.value(name + ".noise")).isGreaterThanOrEqualTo(1);
      }
    }
  }
}
