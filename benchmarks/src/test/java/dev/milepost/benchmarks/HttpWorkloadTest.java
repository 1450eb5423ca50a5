package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against real servers: the figures are present. Their size is not tested. */
@Tag("slow")
class HttpWorkloadTest {
  @Test
  void comparesHttpWithGrpc() {
    BenchRun bench = BenchRun.quick("http");

    for (String name : new String[] {"http.get", "http.get.http2"}) {
      assertThat(bench.value(name)).isPositive();
      assertThat(bench.floor(name)).isPositive();
    }
    assertThat(bench.value("http.overviews")).isPositive();
    assertThat(bench.floor("http.overviews")).isPositive();
    assertThat(bench.value("http.overview.bytes")).isPositive();
    assertThat(bench.value("http.stream")).isFinite();
    assertThat(bench.floor("http.stream")).isFinite();
    assertThat(bench.value("http.page.bytes")).isFinite();
    assertThat(bench.value("http.page.direct")).isFinite();
    assertThat(bench.value("http.hot-list.p99")).isPositive();
    assertThat(bench.floor("http.hot-list.p99")).isPositive();
  }
}
