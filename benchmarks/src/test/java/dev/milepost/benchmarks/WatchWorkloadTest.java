package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against a real server: the figures are present and consistent. Their size is not tested. */
@Tag("slow")
class WatchWorkloadTest {
  @Test
  void measuresLatencyFanOutAndASlowReader() {
    BenchRun run = BenchRun.quick("watch");

    for (String percentile : new String[] {"p50", "p99"}) {
      String latency = "watch.latency." + percentile;
      assertThat(run.value(latency)).isPositive();
      assertThat(run.floor(latency))
          .isCloseTo(
              2 * run.value("floor.ping-pong." + percentile)
                  + run.value("floor.fdatasync." + percentile),
              within(0.001));
      assertThat(run.isJudged(latency)).isTrue();
    }
    assertThat(run.value("watch.latency.p50")).isLessThanOrEqualTo(run.value("watch.latency.p99"));
    assertThat(run.floor("watch.fan-out.p50")).isEqualTo(run.value("floor.fan-out.p50"));
    assertThat(run.value("watch.fan-out.p50")).isLessThanOrEqualTo(run.value("watch.fan-out.p99"));
    assertThat(run.value("watch.slow-reader.p50"))
        .isPositive()
        .isLessThanOrEqualTo(run.value("watch.slow-reader.p99"));
    assertThat(run.ratio("watch.slow-reader.p99")).isPositive();
    assertThat(run.errors()).contains("each entry of its journal once and in order");
  }
}
