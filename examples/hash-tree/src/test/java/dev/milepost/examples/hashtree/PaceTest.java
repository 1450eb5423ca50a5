package dev.milepost.examples.hashtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final List<Duration> sleeps = new ArrayList<>();
  private long now = 5_000_000_000L;

  @Test
  void waitsUntilTheBytesAreDue() {
    Pace pace = new Pace(1_000, () -> now, this::sleep);

    pace.add(50, () -> {});
    pace.add(150, () -> {});

    assertThat(sleeps)
        .containsExactly(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(50));
  }

  @Test
  void doesNotWaitIfTheWorkIsSlower() {
    Pace pace = new Pace(1_000, () -> now, this::sleep);
    now += Duration.ofSeconds(1).toNanos();

    pace.add(1_000, () -> {});

    assertThat(sleeps).isEmpty();
  }

  @Test
  void neverWaitsAtFullSpeed() {
    Pace.UNLIMITED.add(Long.MAX_VALUE, () -> {});

    assertThat(Pace.UNLIMITED.isLimited()).isFalse();
  }

  @Test
  void stopsInTheMiddleOfAWait() {
    Pace pace = new Pace(1, () -> now, this::sleep);

    assertThatThrownBy(
            () ->
                pace.add(
                    1_000_000,
                    () -> {
                      if (sleeps.size() == 3) {
                        throw new IllegalStateException("stop");
                      }
                    }))
        .hasMessage("stop");
    assertThat(sleeps).hasSize(3);
  }

  @Test
  void keepsTheInterrupt() {
    Pace pace =
        new Pace(
            1,
            () -> now,
            nanos -> {
              throw new InterruptedException();
            });

    pace.add(1_000_000, () -> {});

    assertThat(Thread.interrupted()).isTrue();
  }

  private void sleep(long nanos) {
    sleeps.add(Duration.ofNanos(nanos));
    now += nanos;
  }
}
