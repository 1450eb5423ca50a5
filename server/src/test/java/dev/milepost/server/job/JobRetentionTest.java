package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long finished jobs are kept. */
class JobRetentionTest {
  private static final JobRetention RETENTION =
      new JobRetention(Duration.ofDays(1), Duration.ofDays(2), Duration.ofDays(3));

  private static JobLife live(JobRetention retention) {
    JobDefaults standard = JobDefaults.STANDARD;
    JobLife life = JobLife.running();
    life.rules =
        new JobRules(
            new JobDefaults(
                standard.lease(),
                standard.cancelGrace(),
                standard.stallAfter(),
                standard.maxRetries(),
                standard.priority(),
                standard.journalCap(),
                standard.logBytes(),
                retention));
    return life;
  }

  private static void end(JobLife life, JobState state) {
    switch (state) {
      case JOB_STATE_SUCCEEDED -> life.complete();
      case JOB_STATE_FAILED -> life.fail(JobLife.BROKEN);
      case JOB_STATE_CANCELLED -> {
        life.cancel("stop");
        life.confirmCancel();
      }
      default -> throw new IllegalArgumentException(state.name());
    }
  }

  private static Timestamp inDays(JobLife life, long days) {
    return Times.timestamp(life.now.plus(Duration.ofDays(days)));
  }

  private static void expireAt(JobLife life, JobSpec spec) {
    life.run(
        new JobCommand.Update(spec, FieldMask.newBuilder().addPaths("expire_time").build(), ""));
  }

  @ParameterizedTest
  @EnumSource(
      value = JobState.class,
      names = {"JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"})
  void eachFinishedStateHasItsOwnRetention(JobState state) {
    JobLife life = live(RETENTION).after(10);
    long days =
        state == JobState.JOB_STATE_SUCCEEDED ? 1 : state == JobState.JOB_STATE_FAILED ? 2 : 3;

    end(life, state);

    assertThat(life.status().getExpireTime()).isEqualTo(inDays(life, days));
    assertThat(life.record.getWakeTime())
        .as("exact: one tick, at the expiry")
        .isEqualTo(inDays(life, days));
    life.after(Duration.ofDays(days).minusNanos(1_000));
    assertThat(life.rules.timers().isExpired(life.record, life.now)).isFalse();
    assertThat(life.tick()).isInstanceOf(JobDecision.Keep.class);
    life.after(Duration.ofNanos(1_000));
    assertThat(life.rules.timers().isExpired(life.record, life.now)).isTrue();
    assertThat(life.tick()).isInstanceOf(JobDecision.Remove.class);
  }

  @Test
  void anUnfinishedJobDoesNotExpire() {
    JobLife life = live(RETENTION);
    life.fail(JobLife.FLAKY);
    assertThat(life.state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(life.status().hasExpireTime()).isFalse();
  }

  @Test
  void zeroKeepsJobsForever() {
    JobLife life = live(new JobRetention(Duration.ZERO, Duration.ZERO, Duration.ZERO));
    life.complete();
    assertThat(life.status().hasExpireTime()).isFalse();
    assertThat(life.record.hasWakeTime()).isFalse();
  }

  @Test
  void theExpireTimeOfTheSpecTakesPrecedence() {
    for (long days : new long[] {0, 1_000}) {
      JobLife life = live(RETENTION);
      Timestamp owners = Times.timestamp(life.now.plus(Duration.ofDays(days)).plusSeconds(60));
      expireAt(life, JobSpec.newBuilder().setExpireTime(owners).build());
      life.complete();
      assertThat(life.status().getExpireTime()).isEqualTo(owners);
      assertThat(life.record.getWakeTime()).isEqualTo(owners);
    }
  }

  @Test
  void theExpireTimeCanBeChangedAfterTheEnd() {
    JobLife life = live(RETENTION);
    life.complete();
    Timestamp owners = inDays(life, 100);
    expireAt(life, JobSpec.newBuilder().setExpireTime(owners).build());
    assertThat(life.status().getExpireTime()).isEqualTo(owners);
    assertThat(life.record.getWakeTime()).isEqualTo(owners);
    expireAt(life, JobSpec.getDefaultInstance());
    assertThat(life.status().getExpireTime()).isEqualTo(inDays(life, 1));
    assertThat(life.record.getWakeTime()).isEqualTo(inDays(life, 1));
  }

  @Test
  void aRetryClearsTheExpireTime() {
    JobLife life = live(RETENTION);
    life.fail(JobLife.BROKEN);
    life.after(Duration.ofDays(1)).retry();
    assertThat(life.status().hasExpireTime()).isFalse();
    life.after(Duration.ofDays(10)).claim();
    life.complete();
    assertThat(life.status().getExpireTime()).isEqualTo(inDays(life, 1));
  }
}
