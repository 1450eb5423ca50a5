package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Against real servers on small stores: the figures are there and fit together. Not how large. */
class StoredWorkloadsTest {
  @Test
  void claimsAreMeasuredByTheBacklog() {
    BenchRun bench = BenchRun.quick("claim");

    for (String size : new String[] {"1k", "100k", "1m"}) {
      assertThat(bench.value("claim." + size + ".rate")).isPositive();
      assertThat(bench.value("claim." + size + ".server-rss")).isPositive();
      assertThat(bench.value("claim." + size + ".p50"))
          .isPositive()
          .isLessThanOrEqualTo(bench.value("claim." + size + ".p99"));
    }
    assertThat(bench.isJudged("claim.cost-1m")).isTrue();
    assertThat(bench.value("claim.cost-1m"))
        .isCloseTo(1e6 / bench.value("claim.1m.rate"), within1Percent(bench, "claim.cost-1m"));
    // Three sizes, three stores.
    assertThat(bench.errors().lines().filter(line -> line.startsWith("Filling"))).hasSize(3);
  }

  @Test
  void listsAreMeasuredByWhatIsStored() {
    BenchRun bench = BenchRun.quick("list");

    for (String question : new String[] {"newest", "state", "type", "deep", "count"}) {
      assertThat(bench.value("list." + question + ".cost-1m")).isPositive();
      assertThat(bench.floor("list." + question + ".cost-1m")).isPositive();
      assertThat(bench.isJudged("list." + question + ".cost-1m")).isTrue();
    }
    assertThat(bench.value("list.newest.rate")).isPositive();
    assertThat(bench.value("list.1m.server-heap")).isPositive();
    assertThat(bench.floor("list.newest.p50"))
        .isGreaterThan(bench.value("floor.echo-unary-direct-1.p50"));
  }

  @Test
  void anotherStoreIsFilledByItsOwnServer() {
    BenchRun claim = BenchRun.quick("claim", "--store", "memory:", "--most", "2000");
    assertThat(claim.value("claim.2k.rate")).isPositive();
    assertThat(claim.errors().lines().filter(line -> line.startsWith("Filling")))
        .hasSize(3)
        .contains("Filling a store: queued-2000");

    // More than the memory store looks at for a page: some pages are empty, and lead on.
    BenchRun list = BenchRun.quick("list", "--store", "memory:", "--most", "12000");
    assertThat(list.value("list.newest.cost-12k")).isPositive();
    assertThat(list.value("list.type.cost-12k")).isPositive();
    assertThat(list.errors()).contains("Filling a store: mixed-12000");
  }

  @Test
  void aSizeThatIsMeasuredAnywayIsNotTheMost() {
    for (String wrong : new String[] {"0", "10000"}) {
      BenchRun bench =
          BenchRun.run(
              "claim",
              "--quick",
              "--store=memory:",
              "--json",
              "--most=" + wrong,
              "--server-class-path=" + System.getProperty("java.class.path"));
      assertThat(bench.code()).isEqualTo(1);
      assertThat(bench.errors()).contains("--most", "not " + wrong);
    }
  }

  @Test
  void startsAreMeasuredWithAndWithoutJobs() {
    BenchRun bench = BenchRun.quick("start");

    assertThat(bench.value("start.empty-without-archive")).isPositive();
    assertThat(bench.value("start.empty-without-archive.server-rss")).isPositive();
    assertThat(bench.value("start.1m-without-archive")).isPositive();
  }

  private static Offset<Double> within1Percent(BenchRun bench, String name) {
    return Offset.offset(bench.value(name) / 100);
  }
}
