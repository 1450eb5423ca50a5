package dev.milepost.server.job;

import com.google.protobuf.Timestamp;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.RetryBackoff;
import dev.milepost.v1.Webhook;
import dev.milepost.v1.WebhookDelivery;
import dev.milepost.v1.WebhookDeliveryState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * How a job's webhook is notified of a state change: the delivery is recorded with the change, and
 * tried until it succeeds or one day has passed.
 *
 * <p>A try starts with a commit that already sets when the next one is due. So a delivery survives
 * a server that dies during a try, and several servers do not try at the same time.
 */
final class WebhookRule {
  /** Number of deliveries that a job keeps, besides pending ones. */
  private static final int MAX_DELIVERIES = 10;

  /** Number of deliveries in all: beyond it, the oldest is dropped, even if it is pending. */
  private static final int MAX_WITH_PENDING = 64;

  /** Characters of the reason why a try failed. */
  private static final int MAX_ERROR_CHARS = 256;

  /** After this time a try without a result is repeated: its server has died. A try takes 10 s. */
  private static final Duration TRY_TIMEOUT = Duration.ofSeconds(20);

  /** 5 s, 20 s, 80 s, ... and three hours from the seventh try on. */
  private static final RetryBackoff BACKOFF =
      RetryBackoff.newBuilder()
          .setInitial(Times.duration(Duration.ofSeconds(5)))
          .setMultiplier(4)
          .setMax(Times.duration(Duration.ofHours(3)))
          .build();

  /** Wait of a postponed try, with the jitter of a backoff. */
  private static final RetryBackoff POSTPONED =
      RetryBackoff.newBuilder().setInitial(Times.duration(Duration.ofSeconds(10))).build();

  private static final Duration DELIVERY_TIMEOUT = Duration.ofDays(1);

  private WebhookRule() {}

  /** Records a delivery for the state that the job has just entered. */
  static void announce(JobEdit edit) {
    JobStatus.Builder status = edit.status();
    if (!edit.spec().hasWebhook() || !isWanted(edit.spec().getWebhook(), status.getState())) {
      return;
    }
    status.addWebhookDeliveries(
        WebhookDelivery.newBuilder()
            .setId(eventId(edit.current().getJob(), status.getJournalSequence()))
            .setState(status.getState())
            .setEventTime(edit.time())
            .setDeliveryState(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING)
            .setNextTryTime(edit.time())
            .setExpireTime(Times.timestamp(edit.now().plus(DELIVERY_TIMEOUT))));
    for (int i = 0; i < status.getWebhookDeliveriesCount(); ) {
      if (status.getWebhookDeliveriesCount() > MAX_DELIVERIES
          && !isPending(status.getWebhookDeliveries(i))) {
        status.removeWebhookDeliveries(i);
      } else {
        i++;
      }
    }
    if (status.getWebhookDeliveriesCount() > MAX_WITH_PENDING) {
      status.removeWebhookDeliveries(0);
    }
  }

  private static boolean isWanted(Webhook webhook, JobState state) {
    return webhook.getStatesCount() == 0
        ? Transitions.isFinished(state)
        : webhook.getStatesList().contains(state);
  }

  /**
   * Returns an id that is the same for the same change only. A deleted job may have had the same
   * id, but not the same creation time.
   */
  private static String eventId(Job job, long sequence) {
    String change =
        String.join(
            "/",
            job.getTenantId(),
            job.getId(),
            Long.toString(Times.micros(job.getCreateTime())),
            Long.toString(sequence));
    return UUID.nameUUIDFromBytes(change.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** When the next try is due; {@link JobTimers#NEVER} if none is. */
  static Instant nextTry(JobStatus status) {
    Instant next = JobTimers.NEVER;
    for (int i = 0; i < status.getWebhookDeliveriesCount(); i++) {
      WebhookDelivery delivery = status.getWebhookDeliveries(i);
      if (isPending(delivery)) {
        Instant due = Times.instant(delivery.getNextTryTime());
        next = due.isBefore(next) ? due : next;
      }
    }
    return next;
  }

  /** Starts the tries that are due. Returns whether there are any. */
  static boolean beginDueTries(JobEdit edit) {
    JobStatus.Builder status = edit.status();
    boolean begun = false;
    for (int i = 0; i < status.getWebhookDeliveriesCount(); i++) {
      WebhookDelivery delivery = status.getWebhookDeliveries(i);
      if (isPending(delivery) && !Times.instant(delivery.getNextTryTime()).isAfter(edit.now())) {
        status.setWebhookDeliveries(i, begin(delivery, edit));
        begun = true;
      }
    }
    return begun;
  }

  private static WebhookDelivery begin(WebhookDelivery delivery, JobEdit edit) {
    if (!edit.spec().hasWebhook()) {
      return failed(delivery.toBuilder().setError("The job no longer has a webhook."));
    }
    return delivery.toBuilder()
        .setTries(delivery.getTries() + 1)
        .setLastTryTime(edit.time())
        .setNextTryTime(Times.timestamp(edit.now().plus(TRY_TIMEOUT)))
        .build();
  }

  /** Records the result of a try. A delivery that is no longer pending does not change. */
  static JobDecision tried(JobEdit edit, String deliveryId, WebhookResult result) {
    JobStatus.Builder status = edit.status();
    for (int i = 0; i < status.getWebhookDeliveriesCount(); i++) {
      WebhookDelivery delivery = status.getWebhookDeliveries(i);
      if (delivery.getId().equals(deliveryId) && isPending(delivery)) {
        status.setWebhookDeliveries(i, after(delivery, result, edit.now()));
        return edit.put();
      }
    }
    return edit.keep();
  }

  private static WebhookDelivery after(
      WebhookDelivery delivery, WebhookResult result, Instant now) {
    WebhookDelivery.Builder after = delivery.toBuilder();
    if (result instanceof WebhookResult.Delivered delivered) {
      return after
          .setDeliveryState(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_DELIVERED)
          .setStatusCode(delivered.statusCode())
          .clearError()
          .clearNextTryTime()
          .clearExpireTime()
          .build();
    }
    Duration wait;
    if (result instanceof WebhookResult.Failed failed) {
      after
          .setStatusCode(failed.statusCode())
          .setError(Texts.cut(failed.reason(), MAX_ERROR_CHARS));
      wait = Backoff.wait(BACKOFF, delivery.getTries() - 1, delivery.getId());
    } else {
      after.setTries(delivery.getTries() - 1);
      wait = Backoff.wait(POSTPONED, 0, delivery.getId());
    }
    Instant next = now.plus(wait);
    if (next.isAfter(Times.instant(expireTime(delivery)))) {
      return failed(after);
    }
    return after.setNextTryTime(Times.timestamp(next)).build();
  }

  private static WebhookDelivery failed(WebhookDelivery.Builder delivery) {
    return delivery
        .setDeliveryState(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_FAILED)
        .clearNextTryTime()
        .clearExpireTime()
        .build();
  }

  /** When a pending delivery is given up; earlier versions did not record it. */
  static Timestamp expireTime(WebhookDelivery delivery) {
    return delivery.hasExpireTime()
        ? delivery.getExpireTime()
        : Times.timestamp(Times.instant(delivery.getEventTime()).plus(DELIVERY_TIMEOUT));
  }

  private static boolean isPending(WebhookDelivery delivery) {
    return delivery.getDeliveryState() == WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING;
  }
}
