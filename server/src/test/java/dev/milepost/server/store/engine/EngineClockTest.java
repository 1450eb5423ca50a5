package dev.milepost.server.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.ClockReading;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.SettableClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EngineClockTest {
  private static final Duration AHEAD = Duration.ofHours(3);

  private final SettableClock here = new SettableClock();
  private final SettableClock engine = new SettableClock();
  private int asked;

  private final ElapsedClock local =
      new ElapsedClock(here, here::wallNanoTime, CommitObserver.NONE);
  private final EngineClock clock = new EngineClock(local, here::wallNanoTime, CommitObserver.NONE);

  @AfterEach
  void close() {
    local.close();
  }

  private Instant there() {
    return engine.instant().plus(AHEAD);
  }

  private Instant ask() {
    asked++;
    return there();
  }

  private void pass(Duration time) {
    here.advance(time);
    engine.advance(time);
  }

  /** Asks, with so much time before and after the engine reads its clock. */
  private void ask(Duration before, Duration after) {
    clock.set(
        () -> {
          pass(before);
          Instant now = ask();
          pass(after);
          return now;
        });
  }

  @Test
  void isTheLocalClockUntilTheEngineWasAsked() {
    assertThat(clock.instant()).isEqualTo(here.instant());
    assertThat(clock.read().run()).isEqualTo(local.read().run());
  }

  @Test
  void followsTheEngineAndTheElapsedTime() {
    clock.set(this::ask);
    pass(Duration.ofMinutes(3));
    here.jump(Duration.ofHours(5));
    assertThat(clock.instant()).isEqualTo(there());
    assertThat(clock.read().jumpedMicros()).isZero();
    assertThat(clock.read().run()).isNotEqualTo(local.read().run());
  }

  @Test
  void aResponseWithinItsUncertaintyChangesNothing() {
    ask(Duration.ofMillis(10), Duration.ofMillis(10));
    assertThat(clock.instant()).isEqualTo(there());
    ask(Duration.ofMillis(90), Duration.ofMillis(1));
    assertThat(clock.instant()).isEqualTo(there());
    ask(Duration.ofMillis(1), Duration.ofSeconds(20));
    assertThat(clock.instant()).isEqualTo(there());
    assertThat(clock.read().jumpedMicros()).isZero();
  }

  @Test
  void aBetterResponseCorrectsAWorseOne() {
    ask(Duration.ofMillis(200), Duration.ofMillis(0));
    assertThat(clock.instant()).isEqualTo(there().plusMillis(100));
    ask(Duration.ofMillis(1), Duration.ofMillis(1));
    assertThat(Duration.between(there(), clock.instant())).isEqualTo(Duration.ofMillis(1));
    assertThat(clock.read().jumpedMicros()).isZero();
  }

  @Test
  void theEnginesJumpsAreCounted() {
    clock.set(this::ask);
    pass(Duration.ofSeconds(5));
    engine.jump(Duration.ofHours(1));
    clock.set(this::ask);
    ClockReading forward = clock.read();
    assertThat(forward.now()).isEqualTo(there());
    assertThat(forward.jumpedMicros()).isEqualTo(3_600_000_000L);
    assertThat(forward.servingSince()).isEqualTo(there());
    engine.jump(Duration.ofMinutes(-61));
    pass(Duration.ofSeconds(5));
    clock.set(this::ask);
    ClockReading back = clock.read();
    assertThat(back.now()).isEqualTo(there());
    assertThat(back.jumpedMicros()).isEqualTo(-60_000_000L);
    assertThat(back.jumpedBackMicros()).isEqualTo(3_660_000_000L);
    assertThat(back.servingSince()).isEqualTo(there());
  }

  @Test
  void asksAgainAfterALocalJump() {
    clock.set(this::ask);
    clock.setIfUncertain(this::ask);
    assertThat(asked).isEqualTo(1);
    here.jump(Duration.ofHours(1));
    clock.setIfUncertain(this::ask);
    assertThat(asked).isEqualTo(2);
    clock.setIfUncertain(this::ask);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void servesSinceTheEndOfAPause() {
    clock.set(this::ask);
    local.start();
    local.beat();
    pass(Duration.ofSeconds(20));
    local.beat();
    ClockReading reading = clock.read();
    assertThat(reading.pausedMicros()).isEqualTo(20_000_000L);
    assertThat(reading.servingSince()).isEqualTo(there());
    pass(Duration.ofSeconds(1));
    assertThat(clock.read().servingSince()).isEqualTo(there().minusSeconds(1));
    assertThat(asked).isEqualTo(1);
    clock.setIfUncertain(this::ask);
    assertThat(asked).isEqualTo(2);
    assertThat(clock.read().servingSince()).isEqualTo(there().minusSeconds(1));
  }

  @Test
  void asksAgainAfterASecond() {
    clock.setIfOld(this::ask);
    assertThat(asked).isZero();
    clock.set(this::ask);
    clock.setIfOld(this::ask);
    assertThat(asked).isEqualTo(1);
    pass(Duration.ofSeconds(1));
    clock.setIfOld(this::ask);
    assertThat(asked).isEqualTo(2);
  }
}
