package dev.milepost.server.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.milepost.storage.v1.DurationCounts;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How exact estimates are, and that a histogram stays small. */
class DurationHistogramTest {
  private static DurationHistogram of(long... millis) {
    DurationHistogram histogram = new DurationHistogram();
    Arrays.stream(millis).mapToObj(Duration::ofMillis).forEach(histogram::add);
    return histogram;
  }

  /** As many durations between a shortest and a longest one, at random. */
  private static long[] millis(long shortest, double range, int count, long seed) {
    Random random = new Random(seed);
    return random
        .doubles(count)
        .mapToLong(exponent -> Math.round(shortest * Math.pow(range, exponent)))
        .sorted()
        .toArray();
  }

  private static void assertEstimates(DurationHistogram histogram, long[] sorted, double percent) {
    for (double share : new double[] {0.01, 0.5, 0.95, 0.99, 1}) {
      long exact = sorted[(int) Math.ceil(sorted.length * share) - 1];
      assertThat(histogram.quantile(share).toNanos() / 1e6)
          .isCloseTo((double) exact, withPercentage(percent));
    }
  }

  @ParameterizedTest
  @CsvSource({"14, 5", "200, 10", "45000, 20", "100000000, 42"})
  void estimatesAreAsExactAsTheContractSays(double range, double percent) {
    for (long shortest : new long[] {20, 77, 3_001, 900_000}) {
      if (shortest * range > 4e9) {
        continue; // beyond 49 days, which are the longest
      }
      long[] sorted = millis(shortest, range, 5_000, shortest);
      DurationHistogram histogram = of(sorted);

      assertThat(histogram.count()).isEqualTo(5_000);
      assertEstimates(histogram, sorted, percent);
    }
  }

  @Test
  void sumsAreThoseOfAllDurations() {
    long[] fast = millis(20, 10, 1_000, 1);
    long[] slow = millis(50_000, 100, 3_000, 2);
    DurationHistogram sum = new DurationHistogram();
    sum.add(of(fast));
    sum.add(of(slow));
    DurationHistogram reversed = new DurationHistogram();
    reversed.add(of(slow));
    reversed.add(of(fast));
    long[] all = Arrays.copyOf(fast, 4_000);
    System.arraycopy(slow, 0, all, 1_000, 3_000);
    Arrays.sort(all);

    assertEstimates(sum, all, 42);
    assertThat(sum.stored()).isEqualTo(reversed.stored()).isEqualTo(of(all).stored());
  }

  @Test
  void everyRangeFitsIntoTheBuckets() {
    DurationHistogram histogram =
        of(-5, 0, 1, 1_000, Duration.ofDays(30).toMillis(), Duration.ofDays(9_000).toMillis());

    assertThat(histogram.stored().getCountsCount()).isEqualTo(DurationHistogram.MAX_BUCKETS);
    assertThat(histogram.stored().getScale()).isZero();
    assertThat(histogram.count()).isEqualTo(6);
    assertThat(histogram.quantile(0.5)).isBetween(Duration.ofMillis(1), Duration.ofMillis(2));
    assertThat(histogram.quantile(1)).isBetween(Duration.ofDays(30), Duration.ofDays(50));
  }

  @Test
  void emptyHistogramsAreNothing() {
    DurationHistogram histogram = of(30, 40);
    histogram.add(new DurationHistogram());
    assertThat(histogram.stored()).isEqualTo(of(30, 40).stored());
    assertThat(of().quantile(0.5)).isZero();
    assertThat(DurationHistogram.of(of().stored()).isEmpty()).isTrue();
  }

  @Test
  void whatIsStoredIsReadAgain() {
    DurationCounts stored = of(3, 5, 5, 90_000).stored();
    assertThat(DurationHistogram.of(stored).stored()).isEqualTo(stored);
  }

  @Test
  void whatNoServerStoresIsEmpty() {
    DurationCounts stored = of(30, 40).stored();
    assertThat(DurationHistogram.of(stored.toBuilder().setScale(4).build()).isEmpty()).isTrue();
    assertThat(DurationHistogram.of(stored.toBuilder().setScale(-1).build()).isEmpty()).isTrue();
    assertThat(DurationHistogram.of(stored.toBuilder().setOffset(-1).build()).isEmpty()).isTrue();
    assertThat(DurationHistogram.of(stored.toBuilder().setOffset(1 << 30).build()).isEmpty())
        .isTrue();
    assertThat(DurationHistogram.of(stored.toBuilder().addCounts(-1).build()).isEmpty()).isTrue();
    DurationCounts.Builder many = stored.toBuilder();
    for (int i = 0; i < DurationHistogram.MAX_BUCKETS; i++) {
      many.addCounts(1);
    }
    assertThat(DurationHistogram.of(many.build()).isEmpty()).isTrue();
  }
}
