package dev.milepost.server.job;

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
 * How the word of a change of state gets to a job's webhook: noted with the change itself, tried
 * when its time has come, and again until it is delivered or a day has passed.
 *
 * <p>A try begins with a commit that already says when the next one is due. So a server that dies
 * while it tries leaves a delivery that is tried again, and several servers do not try at once.
 */
final class WebhookRule {
  /** Deliveries that a job keeps; more only while they are pending. */
  private static final int KEPT = 10;

  /** A try that nothing is heard of for so long has been lost with its server. It takes 10 s. */
  private static final Duration LONGEST_TRY = Duration.ofSeconds(20);

  /** 5 s, 20 s, 80 s, ... and from the seventh try on every three hours, until the day is over. */
  private static final RetryBackoff BACKOFF =
      RetryBackoff.newBuilder()
          .setInitial(Times.duration(Duration.ofSeconds(5)))
          .setMultiplier(4)
          .setMax(Times.duration(Duration.ofHours(3)))
          .build();

  /** What a receiver has no room for waits so long: with the spread of a back-off. */
  private static final RetryBackoff POSTPONED =
      RetryBackoff.newBuilder().setInitial(Times.duration(Duration.ofSeconds(10))).build();

  private static final Duration GIVEN_UP_AFTER = Duration.ofDays(1);

  private WebhookRule() {}

  /** Notes that the webhook is to hear of the state that the job has just gone into. */
  static void announce(JobEdit edit) {
    JobStatus.Builder status = edit.status();
    if (!edit.spec().hasWebhook() || !isTold(edit.spec().getWebhook(), status.getState())) {
      return;
    }
    status.addWebhookDeliveries(
        WebhookDelivery.newBuilder()
            .setId(eventId(edit.current().getJob(), status.getJournalSequence()))
            .setState(status.getState())
            .setEventTime(edit.time())
            .setDeliveryState(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING)
            .setNextTryTime(edit.time()));
    for (int i = 0; i < status.getWebhookDeliveriesCount(); ) {
      if (status.getWebhookDeliveriesCount() > KEPT && !isPending(status.getWebhookDeliveries(i))) {
        status.removeWebhookDeliveries(i);
      } else {
        i++;
      }
    }
  }

  private static boolean isTold(Webhook webhook, JobState state) {
    return webhook.getStatesCount() == 0
        ? Transitions.isFinished(state)
        : webhook.getStatesList().contains(state);
  }

  /**
   * The same for the same change, and for no other: a job that was deleted may have had the same
   * id, but not the same time of creation.
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

  /** When the next try is due; {@link JobTimers#NEVER} where none is. */
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

  /** Begins the tries that are due; whether there are any. */
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
      // Its owner has taken it away meanwhile.
      return givenUp(delivery.toBuilder().setError("The job has no webhook any more."));
    }
    return delivery.toBuilder()
        .setTries(delivery.getTries() + 1)
        .setLastTryTime(edit.time())
        .setNextTryTime(Times.timestamp(edit.now().plus(LONGEST_TRY)))
        .build();
  }

  /** Notes what came of a try. Once is enough: what is not pending any more stays as it is. */
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
          .build();
    }
    Duration wait;
    if (result instanceof WebhookResult.Failed failed) {
      after.setStatusCode(failed.statusCode()).setError(failed.reason());
      wait = Backoff.wait(BACKOFF, delivery.getTries() - 1, delivery.getId());
    } else {
      after.setTries(delivery.getTries() - 1);
      wait = Backoff.wait(POSTPONED, 0, delivery.getId());
    }
    Instant next = now.plus(wait);
    if (next.isAfter(Times.instant(delivery.getEventTime()).plus(GIVEN_UP_AFTER))) {
      return givenUp(after);
    }
    return after.setNextTryTime(Times.timestamp(next)).build();
  }

  private static WebhookDelivery givenUp(WebhookDelivery.Builder delivery) {
    return delivery
        .setDeliveryState(WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_FAILED)
        .clearNextTryTime()
        .build();
  }

  private static boolean isPending(WebhookDelivery delivery) {
    return delivery.getDeliveryState() == WebhookDeliveryState.WEBHOOK_DELIVERY_STATE_PENDING;
  }
}
