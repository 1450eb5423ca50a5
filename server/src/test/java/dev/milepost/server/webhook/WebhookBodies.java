package dev.milepost.server.webhook;

import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.WebhookDelivery;
import java.time.Instant;

/** The bodies that webhooks receive. */
public final class WebhookBodies {
  private static final String DATA = ",\"data\":";

  private WebhookBodies() {}

  /** Returns the body of a message about a job's current state. */
  public static String of(Job job) {
    WebhookDelivery delivery =
        WebhookDelivery.newBuilder().setId("event").setState(job.getStatus().getState()).build();
    JobRecord record = JobRecord.newBuilder().setJob(job).build();
    return WebhookMessage.of(new DeliveryAttempt(record, delivery), Instant.EPOCH).body();
  }

  /** Returns the JSON of the job in a body, as it is there. */
  public static String job(String body) {
    return body.substring(body.indexOf(DATA) + DATA.length(), body.length() - 1);
  }
}
