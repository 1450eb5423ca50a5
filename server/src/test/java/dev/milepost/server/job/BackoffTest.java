package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.RetryBackoff;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void defaultsToOneSecondDoubledUpToFiveMinutes() {
    RetryBackoff unset = RetryBackoff.getDefaultInstance();

    assertNear(Backoff.wait(unset, 0, "job"), 1_000);
    assertNear(Backoff.wait(unset, 1, "job"), 2_000);
    assertNear(Backoff.wait(unset, 5, "job"), 32_000);
    assertThat(Backoff.wait(unset, 50, "job"))
        .isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
  }

  @Test
  void aLongInitialWaitIsNotCutToTheDefaultMaximum() {
    RetryBackoff hour = RetryBackoff.newBuilder().setInitial(JobLife.seconds(3600)).build();

    assertThat(Backoff.wait(hour, 0, "job"))
        .isBetween(Duration.ofMinutes(48), Duration.ofMinutes(60));
  }

  @Test
  void aZeroWaitIsAllowed() {
    RetryBackoff none = RetryBackoff.newBuilder().setInitial(JobLife.seconds(0)).build();

    assertThat(Backoff.wait(none, 7, "job")).isZero();
  }

  @Test
  void theSameRetryWaitsForTheSameTimeAndAnotherJobForAnother() {
    RetryBackoff unset = RetryBackoff.getDefaultInstance();

    assertThat(Backoff.wait(unset, 3, "job")).isEqualTo(Backoff.wait(unset, 3, "job"));
    assertThat(
            java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> Backoff.wait(unset, 3, "job-" + i))
                .distinct())
        .hasSizeGreaterThan(80);
  }

  @Property
  void staysWithinTwentyPercentAndTheMaximum(
      @ForAll @IntRange(min = 0, max = 86_400) int initial,
      @ForAll @IntRange(min = 0, max = 86_400) int more,
      @ForAll @DoubleRange(min = 1, max = 10) double multiplier,
      @ForAll @IntRange(min = 0, max = 100) int retries,
      @ForAll String jobId) {
    int max = Math.min(86_400, initial + more);
    RetryBackoff backoff =
        RetryBackoff.newBuilder()
            .setInitial(JobLife.seconds(initial))
            .setMax(JobLife.seconds(max))
            .setMultiplier(multiplier)
            .build();

    double nominal = Math.min(initial * Math.pow(multiplier, retries), max);
    double wait = Backoff.wait(backoff, retries, jobId).toMillis() / 1000.0;

    assertThat(wait).isBetween(nominal * 0.8 - 0.001, nominal * 1.2 + 0.001);
    assertThat(wait).isLessThanOrEqualTo(max);
  }

  private static void assertNear(Duration wait, long millis) {
    assertThat(wait.toMillis()).isBetween(millis * 8 / 10, millis * 12 / 10);
  }
}
