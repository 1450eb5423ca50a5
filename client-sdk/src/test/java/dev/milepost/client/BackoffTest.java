package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Delays between tries. */
class BackoffTest {
  private static final Duration MAX = Duration.ofSeconds(3);

  private static ServerError asking(@Nullable Duration delay) {
    return new ServerError(
        Status.Code.UNAVAILABLE, "", "", Map.of(), List.of(), delay, null, false);
  }

  @Test
  void watchersOfAServerThatShutsDownAreSpread() {
    int[] slices = new int[10];
    for (int watcher = 0; watcher < 500; watcher++) {
      Duration wait = new Backoff(Duration.ofMillis(100), MAX).next(asking(Duration.ofSeconds(1)));
      assertThat(wait).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
      slices[(int) Math.min(9, wait.minusSeconds(1).toMillis() / 100)]++;
    }
    // 50 each on average: without the spread, all 500 are in the first one.
    assertThat(Arrays.stream(slices).max().orElseThrow()).isLessThan(120);
  }

  @Test
  void delaysGrowToTheMaximum() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), MAX);
    Duration bound = Duration.ofMillis(100);
    for (int tries = 0; tries < 100; tries++) {
      assertThat(backoff.next(asking(null))).isLessThanOrEqualTo(bound);
      bound = bound.multipliedBy(2).compareTo(MAX) < 0 ? bound.multipliedBy(2) : MAX;
    }
  }

  @Test
  void aLongDelayIsSpreadByTheMaximum() {
    Duration hour = Duration.ofHours(1);
    for (int tries = 0; tries < 100; tries++) {
      assertThat(new Backoff(Duration.ofMillis(100), MAX).next(asking(hour)))
          .isBetween(hour, hour.plus(MAX));
    }
  }
}
