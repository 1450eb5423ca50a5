package dev.milepost.server.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.ClockReading;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ElapsedClockTest {
  private final SettableClock clocks = new SettableClock();
  private final Instant start = clocks.instant();
  private final List<Long> jumps = new ArrayList<>();
  private final List<Long> pauses = new ArrayList<>();
  private final ElapsedClock clock =
      new ElapsedClock(
          clocks,
          clocks::wallNanoTime,
          new CommitObserver() {
            @Override
            public void committed(int updates, long nanos) {}

            @Override
            public void failed(int updates) {}

            @Override
            public void clockJumped(long micros) {
              jumps.add(micros);
            }

            @Override
            public void paused(long micros) {
              pauses.add(micros);
            }
          });

  @AfterEach
  void close() {
    clock.close();
  }

  private static long micros(long seconds) {
    return seconds * 1_000_000;
  }

  @Test
  void timeThatPassesIsNoJump() {
    for (int i = 0; i < 100; i++) {
      clocks.advance(Duration.ofSeconds(i));
      ClockReading reading = clock.read();
      assertThat(reading.now()).isEqualTo(clocks.instant());
      assertThat(reading.jumpedMicros()).isZero();
      assertThat(reading.servingSince()).isEqualTo(start);
    }
    assertThat(jumps).isEmpty();
  }

  @Test
  void jumpsAreCountedOnce() {
    clocks.jump(Duration.ofHours(1));
    clocks.advance(Duration.ofSeconds(1));
    assertThat(clock.read().jumpedMicros()).isEqualTo(micros(3_600));
    assertThat(clock.read().jumpedMicros()).isEqualTo(micros(3_600));
    assertThat(clock.read().jumpedBackMicros()).isZero();
    clocks.jump(Duration.ofHours(-3));
    ClockReading back = clock.read();
    assertThat(back.now()).isEqualTo(start.plusSeconds(1 - 7_200));
    assertThat(back.jumpedMicros()).isEqualTo(micros(-7_200));
    assertThat(back.jumpedBackMicros()).isEqualTo(micros(10_800));
    assertThat(back.servingSince()).isEqualTo(back.now());
    assertThat(jumps).containsExactly(micros(3_600), micros(-10_800));
  }

  @Test
  void aClockThatIsSlewedIsFollowed() {
    for (int i = 0; i < 1_000; i++) {
      clocks.advance(Duration.ofSeconds(1));
      clocks.jump(Duration.ofMillis(10));
      clock.beat();
    }
    ClockReading reading = clock.read();
    assertThat(reading.now()).isEqualTo(start.plusSeconds(1_010));
    assertThat(reading.jumpedMicros()).isZero();
    assertThat(jumps).isEmpty();
  }

  @Test
  void eachClockHasItsOwnRun() {
    try (ElapsedClock other = new ElapsedClock(clocks, clocks::wallNanoTime, CommitObserver.NONE)) {
      assertThat(other.read().run()).isNotEqualTo(clock.read().run()).isNotZero();
    }
  }

  @Test
  void aPauseIsSeenByTheFirstReadingAfterIt() {
    clock.start();
    clock.beat();
    clocks.advance(Duration.ofSeconds(1));
    assertThat(clock.read().pausedMicros()).isZero();
    clock.beat();
    clocks.advance(Duration.ofSeconds(20));
    ClockReading reading = clock.read();
    assertThat(reading.pausedMicros()).isEqualTo(micros(20));
    assertThat(reading.servingSince()).isEqualTo(reading.now());
    assertThat(reading.jumpedMicros()).isZero();
    clock.beat();
    assertThat(clock.read().pausedMicros()).isEqualTo(micros(20));
    assertThat(pauses).containsExactly(micros(20));
  }

  @Test
  void aPauseDuringWhichTheClockWasSetIsBoth() {
    clock.start();
    clock.beat();
    clocks.advance(Duration.ofSeconds(5));
    clocks.jump(Duration.ofMinutes(-1));
    ClockReading reading = clock.read();
    assertThat(reading.pausedMicros()).isEqualTo(micros(5));
    assertThat(reading.jumpedMicros()).isEqualTo(micros(-60));
  }

  @Test
  void withoutABeatNothingIsAPause() {
    clocks.advance(Duration.ofHours(1));
    assertThat(clock.read().pausedMicros()).isZero();
  }

  @Test
  void elapsedTimeThatATestAdvancesIsNoPause() {
    try (ElapsedClock real =
        new ElapsedClock(clocks, TimeSource.system()::nanoTime, CommitObserver.NONE)) {
      real.start();
      clocks.advance(Duration.ofMinutes(1));
      assertThat(real.read().pausedMicros()).isZero();
    }
  }

  /** The time of a reading and its jumps belong together, whichever thread finds the jump. */
  @Test
  void readingsAreConsistentWhileTheClockIsSet() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    CountDownLatch done = new CountDownLatch(1);
    try {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            threads.submit(
                () -> {
                  while (done.getCount() > 0) {
                    ClockReading reading = clock.read();
                    Duration offset = Duration.between(start, reading.now());
                    // Hours are jumps, and no hour passes.
                    assertThat(offset.minusNanos(reading.jumpedMicros() * 1_000))
                        .isLessThan(Duration.ofMinutes(1))
                        .isGreaterThanOrEqualTo(Duration.ZERO);
                  }
                }));
      }
      for (int i = 0; i < 20_000; i++) {
        clocks.jump(Duration.ofHours(i % 3 - 1L));
        clocks.advance(Duration.ofNanos(1_000));
      }
      done.countDown();
      for (Future<?> reader : readers) {
        reader.get();
      }
    } finally {
      done.countDown();
      threads.shutdownNow();
    }
  }
}
