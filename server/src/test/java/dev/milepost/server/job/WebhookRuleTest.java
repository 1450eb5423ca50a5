package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Webhook;
import dev.milepost.v1.WebhookDelivery;
import dev.milepost.v1.WebhookDeliveryState;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of webhook deliveries. */
class WebhookRuleTest {
  private static final WebhookResult BROKEN = new WebhookResult.Failed(500, "broken");
  private static final WebhookResult DELIVERED = new WebhookResult.Delivered(204);

  private static JobSpec.Builder spec(JobState... states) {
    Webhook.Builder webhook = Webhook.newBuilder().setUrl("https://a.example");
    for (JobState state : states) {
      webhook.addStates(state);
    }
    return JobLife.spec().setWebhook(webhook);
  }

  private static WebhookDelivery only(JobLife life) {
    assertThat(life.status().getWebhookDeliveriesList()).hasSize(1);
    return life.status().getWebhookDeliveries(0);
  }

  private static void tried(JobLife life, WebhookResult result) {
    life.take(life.rules.webhookTried(life.record, only(life).getId(), result, life.clock()));
  }

  @Test
  void onlyTheEndIsNotifiedByDefault() {
    JobLife life = JobLife.running(spec());
    assertThat(life.status().getWebhookDeliveriesList()).isEmpty();

    life.after(3).complete();

    WebhookDelivery delivery = only(life);
    assertThat(delivery.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(delivery.getDeliveryState())
        .isEqualTo(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING);
    assertThat(Times.instant(delivery.getEventTime())).isEqualTo(life.now);
    assertThat(life.wakeTime()).as("the first try is due immediately").isEqualTo(life.now);
  }

  @Test
  void chosenStatesAreNotifiedEachTime() {
    JobLife life = JobLife.queued(spec(JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_RUNNING));
    life.claim();
    life.fail(JobLife.FLAKY);
    life.claimWhenDue();
    life.complete();

    assertThat(life.status().getWebhookDeliveriesList())
        .extracting(WebhookDelivery::getState)
        .containsExactly(
            JobState.JOB_STATE_QUEUED,
            JobState.JOB_STATE_RUNNING,
            JobState.JOB_STATE_QUEUED,
            JobState.JOB_STATE_RUNNING);
    assertThat(life.status().getWebhookDeliveriesList())
        .extracting(WebhookDelivery::getId)
        .doesNotHaveDuplicates();
  }

  @Test
  void aJobWithoutAWebhookHasNoDeliveries() {
    JobLife life = JobLife.running();
    life.complete();
    assertThat(life.status().getWebhookDeliveriesList()).isEmpty();
  }

  @Test
  void aTryIsRecordedBeforeItStartsAndRepeatedIfLost() {
    JobLife life = JobLife.running(spec());
    life.complete();

    life.tick();
    assertThat(only(life).getTries()).isEqualTo(1);
    assertThat(Times.instant(only(life).getLastTryTime())).isEqualTo(life.now);
    assertThat(life.wakeTime()).isEqualTo(life.now.plusSeconds(20));

    life.after(19).tick();
    assertThat(only(life).getTries()).as("running").isEqualTo(1);
    life.after(1).tick();
    assertThat(only(life).getTries()).as("its server has died").isEqualTo(2);
  }

  @Test
  void aDeliveredNotificationIsNotSentAgain() {
    JobLife life = JobLife.running(spec());
    life.complete();
    life.tick();

    tried(life, DELIVERED);

    assertThat(only(life).getDeliveryState())
        .isEqualTo(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_DELIVERED);
    assertThat(only(life).getStatusCode()).isEqualTo(204);
    assertThat(only(life).hasNextTryTime()).isFalse();
    assertThat(life.wakeTime())
        .as("only its expiry is left")
        .isEqualTo(Times.instant(life.status().getExpireTime()));

    var before = life.record;
    tried(life, BROKEN);
    assertThat(life.record).as("a late result changes nothing").isEqualTo(before);
  }

  @Test
  void aFailedDeliveryIsRetriedWithBackoffForADay() {
    JobLife life = JobLife.running(spec());
    life.complete();
    Instant end = life.now;
    String id = only(life).getId();
    Duration before = Duration.ZERO;
    int tries = 0;
    while (only(life).getDeliveryState() == WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING) {
      life.now = Times.instant(only(life).getNextTryTime());
      life.tick();
      tries++;
      assertThat(only(life).getTries()).isEqualTo(tries);
      tried(life, BROKEN);
      if (only(life).hasNextTryTime() && tries <= 6) {
        Duration wait = Duration.between(life.now, Times.instant(only(life).getNextTryTime()));
        assertThat(wait).isGreaterThan(before);
        before = wait;
      }
    }

    assertThat(only(life).getDeliveryState())
        .isEqualTo(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_FAILED);
    assertThat(only(life).getId()).isEqualTo(id);
    assertThat(only(life).getError()).isEqualTo("broken");
    assertThat(only(life).getStatusCode()).isEqualTo(500);
    assertThat(tries).isBetween(12, 18);
    assertThat(Duration.between(end, life.now))
        .isBetween(Duration.ofHours(20), Duration.ofHours(24));
  }

  /** Fails each try when it is due, from now on. Returns the elapsed time until it is given up. */
  private static Duration untilGivenUp(JobLife life, Duration elapsed) {
    Duration passed = elapsed;
    while (only(life).getDeliveryState() == WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING) {
      life.tick();
      tried(life, BROKEN);
      if (only(life).hasNextTryTime()) {
        Duration wait = Duration.between(life.now, Times.instant(only(life).getNextTryTime()));
        life.after(wait);
        passed = passed.plus(wait);
      }
    }
    return passed;
  }

  @ParameterizedTest
  @ValueSource(longs = {-200, -30, 0, 30, 200})
  void theDayIsOneOfElapsedTime(long hours) {
    JobLife life = JobLife.onKnownClock(spec());
    life.claim();
    life.complete();
    Duration passed = Duration.ZERO;
    for (int i = 0; i < 4; i++) {
      life.tick();
      tried(life, BROKEN);
      Duration wait = Duration.between(life.now, Times.instant(only(life).getNextTryTime()));
      life.after(wait);
      passed = passed.plus(wait);
    }

    life.jump(Duration.ofHours(hours));
    life.tick();

    assertThat(untilGivenUp(life, passed)).isBetween(Duration.ofHours(20), Duration.ofHours(24));
    assertThat(only(life).getDeliveryState())
        .isEqualTo(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_FAILED);
    assertThat(only(life).hasExpireTime()).isFalse();
  }

  /** A record of an earlier version does not say when its delivery is given up. */
  @Test
  void aDeliveryOfAnEarlierVersionHasItsDayToo() {
    JobLife life = JobLife.onKnownClock(spec());
    life.claim();
    life.complete();
    JobRecord.Builder earlier = life.record.toBuilder();
    earlier.getJobBuilder().getStatusBuilder().getWebhookDeliveriesBuilder(0).clearExpireTime();
    life.record = earlier.build();
    life.jump(Duration.ofHours(30));

    assertThat(untilGivenUp(life, Duration.ZERO))
        .isBetween(Duration.ofHours(20), Duration.ofHours(24));
  }

  @Test
  void aPostponedTryDoesNotCount() {
    JobLife life = JobLife.running(spec());
    life.complete();
    life.tick();

    tried(life, new WebhookResult.Postponed());

    assertThat(only(life).getTries()).isZero();
    assertThat(Duration.between(life.now, life.wakeTime()))
        .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
  }

  @Test
  void aTickWithADueTryAlsoHandlesOtherTimers() {
    JobLife life = JobLife.running(spec(JobState.JOB_STATE_RUNNING));
    assertThat(life.wakeTime()).isEqualTo(life.now);

    life.after(30).tick();

    assertThat(life.state()).as("the lease has expired").isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(only(life).getTries()).isEqualTo(1);
  }

  @Test
  void tenDeliveriesAndAllPendingOnesAreKept() {
    JobLife life = JobLife.running(spec(JobState.JOB_STATE_RUNNING).setMaxRetries(20));
    String first = life.status().getWebhookDeliveries(0).getId();
    for (int i = 0; i < 14; i++) {
      life.fail(JobLife.FLAKY);
      life.claimWhenDue();
    }
    assertThat(life.status().getWebhookDeliveriesCount()).isEqualTo(15);

    life.status()
        .getWebhookDeliveriesList()
        .forEach(
            delivery ->
                life.take(
                    life.rules.webhookTried(
                        life.record, delivery.getId(), DELIVERED, life.clock())));
    life.fail(JobLife.FLAKY);
    life.claimWhenDue();

    assertThat(life.status().getWebhookDeliveriesCount()).isEqualTo(10);
    assertThat(life.status().getWebhookDeliveriesList())
        .extracting(WebhookDelivery::getId)
        .doesNotContain(first);
    assertThat(life.status().getWebhookDeliveries(9).getDeliveryState())
        .isEqualTo(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING);
  }

  @Test
  void aRemovedWebhookIsNotNotified() {
    JobLife life = JobLife.running(spec());
    life.complete();
    life.run(
        new JobCommand.Update(
            JobSpec.getDefaultInstance(), FieldMask.newBuilder().addPaths("webhook").build(), ""));

    life.tick();

    assertThat(only(life).getDeliveryState())
        .isEqualTo(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_FAILED);
    assertThat(only(life).getTries()).isZero();
  }

  @Test
  void aLaterJobWithTheSameIdHasOtherEventIds() {
    JobLife one = JobLife.running(spec());
    JobLife other = JobLife.running(spec());
    one.complete();
    other.complete();
    assertThat(only(one).getId()).as("the same change").isEqualTo(only(other).getId());

    JobLife later = JobLife.running(spec());
    later.take(
        later.rules.create(
            JobLife.newJob(spec()),
            java.util.List.of(),
            ClockReading.at(JobLife.START.plusSeconds(1))));
    later.claim();
    later.complete();
    assertThat(only(later).getId()).isNotEqualTo(only(one).getId());
  }
}
