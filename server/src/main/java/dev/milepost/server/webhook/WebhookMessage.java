package dev.milepost.server.webhook;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
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

  private static String body(DeliveryAttempt one) {
    Job job = one.record().getJob();
    Struct event =
        Struct.newBuilder()
            .putFields("specversion", text("1.0"))
            .putFields("id", text(one.delivery().getId()))
            .putFields("source", text("/v1/jobs"))
            .putFields("type", text(TYPE + nameOf(one.delivery().getState())))
            .putFields("subject", text(job.getId()))
            .putFields("time", text(Timestamps.toString(one.delivery().getEventTime())))
            .putFields("datacontenttype", text("application/json"))
            .putFields("data", Value.newBuilder().setStructValue(data(job)).build())
            .build();
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(event);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a Struct is always JSON", e);
    }
  }

  /**
   * Returns the job in its current state, which may be later than the event. Omits what its owner
   * wrote and knows, and the record of this delivery.
   */
  private static Struct data(Job job) {
    Job.Builder shown = job.toBuilder();
    shown.getSpecBuilder().clearParams().clearMetadata().clearWebhook();
    shown.getStatusBuilder().clearWebhookDeliveries().clearCheckpoint();
    try {
      Struct.Builder data = Struct.newBuilder();
      JsonFormat.parser().merge(JsonFormat.printer().print(shown), data);
      return data.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a job is always JSON", e);
    }
  }

  private static String nameOf(JobState state) {
    return state.name().substring("JOB_STATE_".length()).toLowerCase(Locale.ROOT);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
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
