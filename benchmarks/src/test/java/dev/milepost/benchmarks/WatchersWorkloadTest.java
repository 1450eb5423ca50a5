package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against a real server and a bare one: the figures are present and consistent. */
@Tag("slow")
class WatchersWorkloadTest {
  @Test
  void measuresMemoryPerWatcher() {
    BenchRun bench = BenchRun.quick("watchers");

    assertThat(bench.value("watchers.heap")).isPositive();
    assertThat(bench.floor("watchers.heap")).isPositive();
    assertThat(bench.isJudged("watchers.bytes")).isTrue();
    assertThat(bench.value("watchers.server-rss")).isPositive();
    assertThat(bench.value("watchers.bytes"))
        .isCloseTo(
            bench.value("watchers.heap") - bench.floor("watchers.heap"), Offset.offset(0.001));
  }
}
