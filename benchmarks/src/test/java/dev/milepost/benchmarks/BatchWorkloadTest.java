package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against a real server: a batch is created, run and complete. */
@Tag("slow")
class BatchWorkloadTest {
  @Test
  void createsAndRunsABatch() {
    BenchRun bench = BenchRun.quick("batch");

    assertThat(bench.value("batch.items")).isPositive();
    assertThat(bench.value("batch.server-rss-peak")).isPositive();
    assertThat(bench.value("batch.client-heap-peak")).isPositive();
    assertThat(bench.value("batch.children")).isEqualTo(5);
    assertThat(bench.value("batch.percent")).isEqualTo(100);
  }
}
