package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.RetryBackoff;
import java.time.Duration;
import java.util.Random;
import java.util.function.BooleanSupplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Timers follow the elapsed time, however the clock is set and however often the server is paused.
 */
class ElapsedTimePropertyTest {
  /** How often the server looks for due timers. */
  private static final Duration POLL = Duration.ofMillis(700);

  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(25);

  /** A job, and how time passes for it. */
  private static final class Story {
    private final Random random;
    private final JobLife life;

    /** Elapsed time, without the pauses of the server. */
    private Duration awake = Duration.ZERO;

    /** Elapsed time. */
    private Duration elapsed = Duration.ZERO;

    Story(long seed, JobTimeouts.Builder timeouts) {
      this.random = new Random(seed);
      this.life =
          JobLife.onKnownClock(
              JobLife.spec()
                  .setMaxRetries(1)
                  .setRetryBackoff(RetryBackoff.newBuilder().setInitial(Times.duration(TIMEOUT)))
                  .setTimeouts(timeouts.setLease(Times.duration(LEASE))));
    }

    /** Some time passes, less than a poll. Before it, the clock may jump, or the server pause. */
    void pass() {
      switch (random.nextInt(12)) {
        case 0 -> life.jump(random(Duration.ofHours(3)).plusMillis(600));
        case 1 -> life.jump(random(Duration.ofHours(3)).plusMillis(600).negated());
        case 2 -> pause(random(Duration.ofSeconds(40)).plusSeconds(2));
        default -> {}
      }
      Duration step = random(POLL);
      life.after(step);
      awake = awake.plus(step);
      elapsed = elapsed.plus(step);
    }

    private void pause(Duration length) {
      life.pause(length);
      elapsed = elapsed.plus(length);
    }

    private Duration random(Duration below) {
      return Duration.ofNanos(random.nextLong(below.toNanos()) / 1_000 * 1_000);
    }

    /** Passes time and ticks until a condition holds, which must happen. */
    void await(BooleanSupplier condition) {
      for (int i = 0; !condition.getAsBoolean(); i++) {
        assertThat(i).as("steps").isLessThan(1_000);
        pass();
        if (!condition.getAsBoolean()) {
          life.tick();
        }
      }
    }

    boolean isRunning() {
      return life.state() == JobState.JOB_STATE_RUNNING;
    }
  }

  private static JobTimeouts.Builder timeouts() {
    return JobTimeouts.newBuilder();
  }

  @Property(tries = 300)
  void theLeaseOfALiveWorkerNeverExpires(@ForAll long seed) {
    Story story = new Story(seed, timeouts());
    story.life.claim();
    Duration heard = story.awake;
    for (int i = 0; i < 200; i++) {
      story.pass();
      story.life.tick();
      assertThat(story.isRunning()).isTrue();
      Duration silence = story.awake.minus(heard);
      if (silence.plus(POLL).compareTo(LEASE) >= 0 || story.random.nextInt(10) == 0) {
        story.life.heartbeat();
        heard = story.awake;
      }
    }
  }

  @Property(tries = 300)
  void aSilentWorkerLosesItsLease(@ForAll long seed) {
    Story story = new Story(seed, timeouts());
    story.life.claim();
    for (int i = story.random.nextInt(20); i > 0; i--) {
      story.pass();
      story.life.heartbeat();
    }
    Duration heard = story.awake;
    story.await(() -> !story.isRunning());
    assertThat(story.life.status().getError().getCode()).isEqualTo("LEASE_EXPIRED");
    assertThat(story.awake.minus(heard)).isBetween(LEASE, LEASE.multipliedBy(2).plus(POLL));
  }

  @Property(tries = 300)
  void aGracePeriodLastsForItsLength(@ForAll long seed) {
    Story story = new Story(seed, timeouts().setCancelGrace(Times.duration(TIMEOUT)));
    story.life.claim();
    story.pass();
    story.life.cancel("why not");
    Duration asked = story.awake;
    story.await(
        () -> {
          if (story.life.state() != JobState.JOB_STATE_CANCELLING) {
            return true;
          }
          story.life.heartbeat();
          return false;
        });
    assertThat(story.life.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(story.awake.minus(asked)).isBetween(TIMEOUT, TIMEOUT.multipliedBy(2).plus(POLL));
  }

  /** Keeps the lease while time passes until the job has ended. Returns the elapsed time. */
  private static Duration untilTimeout(Story story, String code) {
    story.await(
        () -> {
          if (!story.isRunning()) {
            return true;
          }
          story.life.heartbeat();
          return false;
        });
    assertThat(story.life.status().getError().getCode()).isEqualTo(code);
    return story.elapsed;
  }

  /** A timeout is due at its length of elapsed time, and seen when the server next polls. */
  private static void assertInTime(Duration elapsed) {
    Duration latest = TIMEOUT.plus(POLL).plus(Duration.ofSeconds(42));
    assertThat(elapsed).isBetween(TIMEOUT, latest);
  }

  @Property(tries = 300)
  void anAttemptTimesOut(@ForAll long seed) {
    Story story = new Story(seed, timeouts().setAttempt(Times.duration(TIMEOUT)));
    story.pass();
    story.life.claim();
    Duration started = story.elapsed;
    assertInTime(untilTimeout(story, "ATTEMPT_TIMEOUT").minus(started));
  }

  @Property(tries = 300)
  void aJobTimesOut(@ForAll long seed) {
    Story story = new Story(seed, timeouts().setTotal(Times.duration(TIMEOUT)));
    Duration created = story.elapsed;
    story.pass();
    story.life.tick();
    if (story.life.state() == JobState.JOB_STATE_QUEUED) {
      story.life.claim();
    }
    assertInTime(untilTimeout(story, "TOTAL_TIMEOUT").minus(created));
  }

  @Property(tries = 300)
  void aJobTimesOutInTheQueue(@ForAll long seed) {
    Story story = new Story(seed, timeouts().setQueue(Times.duration(TIMEOUT)));
    Duration created = story.elapsed;
    story.await(() -> story.life.state() == JobState.JOB_STATE_FAILED);
    assertThat(story.life.status().getError().getCode()).isEqualTo("QUEUE_TIMEOUT");
    assertInTime(story.elapsed.minus(created));
  }

  @Property(tries = 300)
  void aRetryWaitsForItsBackoff(@ForAll long seed) {
    Story story = new Story(seed, timeouts());
    story.life.claim();
    story.pass();
    story.life.fail(JobLife.FLAKY);
    Duration failed = story.elapsed;
    story.await(() -> !story.life.status().hasClaimableTime());
    // The jitter of a backoff is a fifth.
    assertThat(story.elapsed.minus(failed))
        .isBetween(
            TIMEOUT.multipliedBy(8).dividedBy(10),
            TIMEOUT.multipliedBy(12).dividedBy(10).plus(POLL).plusSeconds(42));
  }

  @Property(tries = 300)
  void theWakeTimeIsNeverTooLateOnTheClockThatWroteIt(@ForAll long seed) {
    Story story = new Story(seed, timeouts().setAttempt(Times.duration(TIMEOUT)));
    story.life.claim();
    for (int i = 0; i < 100 && story.isRunning(); i++) {
      story.pass();
      if (story.random.nextBoolean()) {
        story.life.tick();
      } else {
        story.life.heartbeat();
      }
      if (story.isRunning()) {
        assertThat(story.life.wakeTime())
            .isBeforeOrEqualTo(
                story.life.rules.timers().leaseEnd(story.life.record, story.life.clock()))
            .isBeforeOrEqualTo(story.life.rules.timers().attemptTimeout(story.life.record));
      }
    }
  }
}
