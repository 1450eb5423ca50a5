package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against a real server that is restarted: every watcher comes back. */
@Tag("slow")
class ReconnectsWorkloadTest {
  @Test
  void countsTriesUntilEachWatcherIsBack() {
    BenchRun bench = BenchRun.quick("reconnects");

    assertThat(bench.floor("reconnects.at-once")).isEqualTo(20);
    assertThat(bench.value("reconnects.tries"))
        .isGreaterThanOrEqualTo(bench.value("reconnects.at-once"));
    assertThat(bench.isJudged("reconnects.at-once")).isTrue();
    assertThat(bench.value("reconnects.back-last"))
        .isGreaterThanOrEqualTo(bench.value("reconnects.back-p50"));
    assertThat(bench.value("reconnects.back-p50")).isPositive();
  }
}
