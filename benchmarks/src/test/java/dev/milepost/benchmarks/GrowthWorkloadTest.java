package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against real servers: the figures are present and consistent. Their size is not tested. */
@Tag("slow")
class GrowthWorkloadTest {
  @Test
  void measuresManyLogLinesAndTenantsAgainstFew() {
    BenchRun bench = BenchRun.quick("growth");

    for (String name : new String[] {"growth.log-lines", "growth.tenants"}) {
      assertThat(bench.value(name)).isPositive();
      assertThat(bench.floor(name)).isPositive();
      assertThat(bench.isJudged(name)).isTrue();
      assertThat(bench.value(name + ".p50"))
          .isPositive()
          .isLessThanOrEqualTo(bench.value(name + ".p99"));
      assertThat(bench.value(name + ".server-heap")).isPositive();
      assertThat(bench.value(name + ".server-rss"))
          .isPositive()
          .isLessThanOrEqualTo(bench.value(name + ".server-rss-peak"));
    }
    assertThat(bench.errors()).contains("report-with-10-lines", "create-by-1-tenants");
  }
}
