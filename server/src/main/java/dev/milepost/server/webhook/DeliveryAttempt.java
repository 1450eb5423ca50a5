package dev.milepost.server.webhook;

import dev.milepost.server.job.JobDecision;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.WebhookDelivery;
import java.util.ArrayList;
import java.util.List;

/**
 * A committed attempt to deliver a state change of a job to its webhook.
 *
 * @param record the job after the change, with its webhook
 * @param delivery the delivery to attempt
 */
public record DeliveryAttempt(JobRecord record, WebhookDelivery delivery) {
  /** Returns the attempts that a decision starts: its deliveries whose try count has grown. */
  static List<DeliveryAttempt> begunBy(JobRecord before, JobDecision decision) {
    if (!before.getJob().getSpec().hasWebhook() || !(decision instanceof JobDecision.Put put)) {
      return List.of();
    }
    List<DeliveryAttempt> begun = new ArrayList<>();
    for (WebhookDelivery delivery : put.record().getJob().getStatus().getWebhookDeliveriesList()) {
      if (delivery.getTries() > triesOf(before.getJob().getStatus(), delivery.getId())) {
        begun.add(new DeliveryAttempt(put.record(), delivery));
      }
    }
    return begun;
  }

  private static int triesOf(JobStatus status, String deliveryId) {
    for (WebhookDelivery delivery : status.getWebhookDeliveriesList()) {
      if (delivery.getId().equals(deliveryId)) {
        return delivery.getTries();
      }
    }
    return 0;
  }
}
