package dev.milepost.server.webhook;

import dev.milepost.server.job.JobDecision;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.WebhookDelivery;
import java.util.ArrayList;
import java.util.List;

/**
 * A try to tell a job's webhook of a change of state, begun and committed.
 *
 * @param record the job as it is, with its webhook
 * @param delivery what is to be told
 */
public record DeliveryAttempt(JobRecord record, WebhookDelivery delivery) {
  /** The tries that a decision begins: those of its deliveries that have one try more. */
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
