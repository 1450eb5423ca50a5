package dev.milepost.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.ClockReading;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LookAheadTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private Instant now = START;
  private Duration jumped = Duration.ZERO;
  private Duration jumpedBack = Duration.ZERO;
  private final LookAhead lookAhead = new LookAhead(reading());

  private ClockReading reading() {
    return new ClockReading(
        now, 1, jumped.toNanos() / 1_000, jumpedBack.toNanos() / 1_000, 0, START);
  }

  private void jump(Duration by) {
    now = now.plus(by);
    jumped = jumped.plus(by);
    jumpedBack = by.isNegative() ? jumpedBack.minus(by) : jumpedBack;
  }

  private LookAhead.Range next() {
    return lookAhead.next(reading()).orElseThrow();
  }

  @Test
  void readsNothingUntilTheClockIsSetBack() {
    assertThat(lookAhead.next(reading())).isEmpty();
    jump(Duration.ofHours(1));
    assertThat(lookAhead.next(reading())).isEmpty();
  }

  @Test
  void readsEachWakeTimeOnce() {
    jump(Duration.ofHours(-1));
    LookAhead.Range first = next();
    assertThat(first.from()).isEqualTo(now);
    assertThat(first.until()).isEqualTo(START);

    Instant more = now.plusSeconds(60);
    assertThat(lookAhead.ticked(first, Optional.of(more))).contains(now);
    LookAhead.Range second = next();
    assertThat(second.from()).isEqualTo(more);

    Instant later = START.plusSeconds(5);
    assertThat(lookAhead.ticked(second, Optional.of(later))).contains(now.plusSeconds(5));
    now = now.plusSeconds(5);
    LookAhead.Range third = next();
    assertThat(third.from()).isEqualTo(START);
    assertThat(third.until()).isEqualTo(later);
    assertThat(lookAhead.ticked(third, Optional.empty())).isEmpty();
  }

  @Test
  void readsMoreIfTheJobsOfASliceWakeAtTheSameMoment() {
    jump(Duration.ofHours(-1));
    LookAhead.Range first = next();
    LookAhead.Range range = first;
    while (range.from().equals(first.from())) {
      assertThat(range.limit()).isBetween(first.limit(), 1_000);
      assertThat(lookAhead.ticked(range, Optional.of(range.from()))).contains(now);
      LookAhead.Range more = next();
      assertThat(more).as("it goes on").isNotEqualTo(range);
      range = more;
    }
    assertThat(range.from()).isEqualTo(first.from().plusNanos(1_000));
    assertThat(range.limit()).isEqualTo(first.limit());
  }

  @Test
  void startsAgainWhenTheClockIsSetBackAgain() {
    jump(Duration.ofHours(-1));
    LookAhead.Range range = next();
    jump(Duration.ofMinutes(-30));
    LookAhead.Range again = next();
    assertThat(again.from()).isEqualTo(now);
    assertThat(again.until()).isEqualTo(START);
    lookAhead.ticked(range, Optional.empty());
    assertThat(next()).as("what was read before counts no more").isEqualTo(again);
  }

  @Test
  void readsLessAheadAfterAJumpForward() {
    jump(Duration.ofHours(-1));
    lookAhead.ticked(next(), Optional.empty());
    jump(Duration.ofMinutes(20));
    now = now.plusSeconds(1);
    assertThat(next().until()).isEqualTo(START.plusSeconds(1));
    jump(Duration.ofMinutes(50));
    assertThat(lookAhead.next(reading())).isEmpty();
  }

  @Test
  void anOvertakenReadingChangesNothing() {
    jump(Duration.ofHours(-1));
    ClockReading earlier = reading();
    jump(Duration.ofMinutes(20));
    LookAhead.Range range = next();
    assertThat(lookAhead.next(earlier)).isEmpty();
    assertThat(next()).isEqualTo(range);
  }
}
