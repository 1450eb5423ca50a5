package dev.milepost.server.webhook;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The message to a webhook: a CloudEvent in structured JSON (CloudEvents 1.0.2, JSON format), with
 * the headers of Standard Webhooks 1.0.0.
 *
 * @param id the event's, the same in each try
 * @param timestamp when this attempt is made, in seconds since the epoch; receivers reject old ones
 * @param body JSON
 * @param signature empty if the webhook has no secret
 */
record WebhookMessage(String id, long timestamp, String body, Optional<String> signature) {
  static final String CONTENT_TYPE = "application/cloudevents+json; charset=utf-8";

  private static final String ENCODED_SECRET = "whsec_";
  private static final String TYPE = "dev.milepost.job.";
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();

  static WebhookMessage of(DeliveryAttempt one, Instant now) {
    String id = one.delivery().getId();
    long timestamp = now.getEpochSecond();
    String body = body(one);
    String secret = one.record().getWebhookSecret();
    return new WebhookMessage(
        id,
        timestamp,
        body,
        secret.isEmpty() ? Optional.empty() : Optional.of(sign(secret, id, timestamp, body)));
  }

  /**
   * Joins the JSON of its parts: a message that held the job's JSON would turn integers into 7.0.
   */
  private static String body(DeliveryAttempt one) {
    Job job = one.record().getJob();
    return "{\"specversion\":\"1.0\",\"id\":"
        + text(one.delivery().getId())
        + ",\"source\":\"/v1/jobs\",\"type\":"
        + text(TYPE + nameOf(one.delivery().getState()))
        + ",\"subject\":"
        + text(job.getId())
        + ",\"time\":"
        + text(Timestamps.toString(one.delivery().getEventTime()))
        + ",\"datacontenttype\":\"application/json\",\"data\":"
        + data(job)
        + "}";
  }

  /**
   * Returns the job in its current state, which may be later than the event. Omits what its owner
   * wrote and knows, and the record of this delivery.
   */
  private static String data(Job job) {
    Job.Builder shown = job.toBuilder();
    shown.getSpecBuilder().clearParams().clearMetadata().clearWebhook();
    shown.getStatusBuilder().clearWebhookDeliveries().clearCheckpoint();
    try {
      return JSON.print(shown);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      // An earlier version kept values that JSON does not have, such as NaN. The rest is news, too.
      shown.getStatusBuilder().clearResult().clearError().clearAttempts();
      return print(shown);
    }
  }

  private static String text(String text) {
    return print(Value.newBuilder().setStringValue(text));
  }

  private static String print(MessageOrBuilder message) {
    try {
      return JSON.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a job and a text are always JSON", e);
    }
  }

  private static String nameOf(JobState state) {
    return state.name().substring("JOB_STATE_".length()).toLowerCase(Locale.ROOT);
  }

  /**
   * Signs as Standard Webhooks requires: HMAC-SHA256 of id, timestamp and body, with dots between.
   */
  static String sign(String secret, String id, long timestamp, String body) {
    byte[] key =
        secret.startsWith(ENCODED_SECRET)
            ? Base64.getDecoder().decode(secret.substring(ENCODED_SECRET.length()))
            : secret.getBytes(StandardCharsets.UTF_8);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      String signed = id + "." + timestamp + "." + body;
      byte[] code = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(code);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
