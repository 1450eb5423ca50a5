package dev.milepost.server.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.concurrent.RepeatLimit.Hidden;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RepeatLimitTest {
  private final RepeatLimit limit = new RepeatLimit(2, 5, 2, Duration.ofSeconds(60));

  @Test
  void showsAFewAndCountsTheRest() {
    assertThat(limit.next(0)).isEmpty();
    assertThat(limit.count("a")).isEqualTo(1);
    assertThat(limit.count("a")).isEqualTo(2);
    assertThat(limit.count("a")).isZero();
    assertThat(limit.count("a")).isZero();
    assertThat(limit.next(59_999)).isEmpty();
    assertThat(limit.next(60_000)).containsExactly(new Hidden("a", 2));
    assertThat(limit.count("a")).isEqualTo(1);
    assertThat(limit.next(120_000)).isEmpty();
  }

  @Test
  void kindsBeyondTheLimitShareACount() {
    for (String kind : new String[] {"a", "b", "c", "d", "e"}) {
      limit.count(kind);
    }
    assertThat(limit.drain()).containsExactly(new Hidden(RepeatLimit.OTHERS, 1));
  }

  @Test
  void saysWhetherTheNextOneIsHiddenWithoutCountingIt() {
    assertThat(limit.isReached("a")).isFalse();
    limit.count("a");
    assertThat(limit.isReached("a")).isFalse();
    limit.count("a");
    assertThat(limit.isReached("a")).isTrue();
    assertThat(limit.isReached("b")).isFalse();
    limit.count("b");
    // No count of its own is left for another kind.
    assertThat(limit.isReached("c")).isFalse();
    limit.count("c");
    limit.count("d");
    assertThat(limit.isReached("c")).isTrue();
    assertThat(limit.drain()).isEmpty();
    assertThat(limit.isReached("a")).isFalse();
  }

  @Test
  void aClockSetBackBeginsANewInterval() {
    assertThat(limit.next(100_000)).isEmpty();
    for (int i = 0; i < 3; i++) {
      limit.count("a");
    }
    assertThat(limit.next(1)).containsExactly(new Hidden("a", 1));
  }
}
