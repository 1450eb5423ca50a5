package dev.milepost.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs against a real server: the figures are present and consistent. Their size is not tested. */
@Tag("slow")
class NoisyNeighborWorkloadTest {
  @Test
  void measuresAWellBehavedClientAloneAndBesideOthers() {
    BenchRun run = BenchRun.quick("noisy-neighbour", "--limit=40", "--rate=20", "--connections=2");

    for (String name :
        new String[] {"control-p99", "p99-beyond-control", "server-cpu", "server-rss"}) {
      assertThat(run.value("noisy-neighbour." + name)).isNotNegative();
    }
    double p99 = run.value("noisy-neighbour.p99");
    assertThat(run.value("noisy-neighbour.p50")).isPositive().isLessThanOrEqualTo(p99);
    assertThat(run.value("noisy-neighbour.p99.9")).isGreaterThanOrEqualTo(p99);
    assertThat(run.isJudged("noisy-neighbour.p99")).isTrue();
    double accepted = run.value("noisy-neighbour.noisy-accepted");
    double rejected = run.value("noisy-neighbour.noisy-refused");
    assertThat(accepted).isPositive();
    assertThat(rejected).isPositive();
    // The client asks for ten times its limit of 40 calls a second.
    assertThat(accepted + rejected).isLessThanOrEqualTo(400);
    assertThat(run.errors()).contains("A alone", "B at limit", "C noisy", "spread of p99");
  }

  @Test
  void rejectsARateTooCloseToTheLimit() {
    BenchRun run = BenchRun.run("noisy-neighbour", "--server-jar=none", "--limit=10", "--rate=9");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).contains("--rate must be");
  }

  @Test
  void reportsAServerThatDoesNotStart() {
    BenchRun run = BenchRun.run("noisy-neighbour", "--server-jar=/no/such.jar");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.errors()).contains("the server does not start");
  }
}
