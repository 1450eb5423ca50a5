package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.benchmarks.stored.FilledStores;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against real servers on small stores: the figures are present and consistent. */
@Tag("slow")
class StoredWorkloadsTest {
  @Test
  void measuresClaimsListsAndStartsOnStoresThatAreFilledOnce() {
    try (FilledStores stores = new FilledStores()) {
      BenchRun claim = BenchRun.quick(stores, "claim");
      assertClaims(claim);
      assertThat(filled(claim))
          .containsExactly(
              "Filling a store: queued-100",
              "Filling a store: queued-300",
              "Filling a store: queued-1000");

      BenchRun list = BenchRun.quick(stores, "list");
      assertLists(list);
      assertThat(filled(list))
          .containsExactly("Filling a store: mixed-100", "Filling a store: mixed-1000");

      BenchRun start = BenchRun.quick(stores, "start");
      assertThat(start.value("start.empty-without-archive")).isPositive();
      assertThat(start.value("start.empty-without-archive.server-rss")).isPositive();
      assertThat(start.value("start.1m-without-archive")).isPositive();
      assertThat(filled(start)).isEmpty();
    }
  }

  private static Stream<String> filled(BenchRun run) {
    return run.errors().lines().filter(line -> line.startsWith("Filling"));
  }

  private static void assertClaims(BenchRun claim) {
    for (String size : new String[] {"1k", "100k", "1m"}) {
      assertThat(claim.value("claim." + size + ".rate")).isPositive();
      assertThat(claim.value("claim." + size + ".server-rss")).isPositive();
      assertThat(claim.value("claim." + size + ".p50"))
          .isPositive()
          .isLessThanOrEqualTo(claim.value("claim." + size + ".p99"));
    }
    assertThat(claim.isJudged("claim.cost-1m")).isTrue();
    assertThat(claim.value("claim.cost-1m"))
        .isCloseTo(
            1e6 / claim.value("claim.1m.rate"), Offset.offset(claim.value("claim.cost-1m") / 100));
  }

  private static void assertLists(BenchRun list) {
    for (String query : new String[] {"newest", "state", "type", "deep", "count"}) {
      assertThat(list.value("list." + query + ".cost-1m")).isPositive();
      assertThat(list.floor("list." + query + ".cost-1m")).isPositive();
      assertThat(list.isJudged("list." + query + ".cost-1m")).isTrue();
    }
    assertThat(list.value("list.newest.rate")).isPositive();
    assertThat(list.value("list.1m.server-heap")).isPositive();
    assertThat(list.floor("list.newest.p50"))
        .isGreaterThan(list.value("floor.echo-unary-direct-1.p50"));
  }

  @Test
  void fillsAnotherStoreThroughTheServerThatIsMeasured() {
    // More jobs than the memory store scans for one page: some pages are empty and lead on.
    BenchRun list = BenchRun.quick("list", "--store", "memory:", "--most", "12000");
    assertThat(list.value("list.newest.cost-12k")).isPositive();
    assertThat(list.value("list.type.cost-12k")).isPositive();
    assertThat(list.errors()).contains("Filling a store: mixed-12000");
  }

  @Test
  void rejectsASizeThatIsMeasuredAnyway() {
    for (String wrong : new String[] {"0", "10000"}) {
      BenchRun run =
          BenchRun.run(
              "claim",
              "--quick",
              "--store=memory:",
              "--json",
              "--most=" + wrong,
              "--server-class-path=" + System.getProperty("java.class.path"));
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.errors()).contains("--most", "not " + wrong);
    }
  }
}
