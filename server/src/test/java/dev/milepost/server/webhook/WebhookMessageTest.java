package dev.milepost.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Webhook;
import dev.milepost.v1.WebhookDelivery;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebhookMessageTest {
  private static final Struct PARAMS =
      Struct.newBuilder()
          .putFields("key", Value.newBuilder().setStringValue("params-secret").build())
          .build();

  private static DeliveryAttempt attempt(String secret) {
    Job.Builder job =
        Job.newBuilder()
            .setId("job-1")
            .setTenantId("acme")
            .setSpec(
                JobSpec.newBuilder()
                    .setType("resize")
                    .setPriority(50)
                    .setMaxRetries(2)
                    .setParams(PARAMS)
                    .setWebhook(Webhook.newBuilder().setUrl("https://a.example/hidden-path")))
            .setStatus(
                JobStatus.newBuilder()
                    .setState(JobState.JOB_STATE_FAILED)
                    .putOutcome("done", 7)
                    .setAttempt(1)
                    .setProgress(Progress.newBuilder().setPercent(55).setFraction(0.55))
                    .setCheckpoint(PARAMS));
    JobRecord record =
        JobRecord.newBuilder()
            .setJob(job)
            .setAttemptToken("token-secret")
            .setWebhookSecret(secret)
            .build();
    WebhookDelivery delivery =
        WebhookDelivery.newBuilder()
            .setId("event-1")
            .setState(JobState.JOB_STATE_FAILED)
            .setEventTime(Timestamp.newBuilder().setSeconds(1_772_366_400))
            .build();
    return new DeliveryAttempt(record, delivery);
  }

  /** The example from the tests of Standard Webhooks' own libraries. */
  @Test
  void signsAsStandardWebhooksDoes() {
    assertThat(
            WebhookMessage.sign(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void theBodyIsACloudEvent() throws Exception {
    WebhookMessage message = WebhookMessage.of(attempt(""), Instant.ofEpochSecond(1_772_366_401));
    Struct.Builder body = Struct.newBuilder();
    JsonFormat.parser().merge(message.body(), body);
    Map<String, Value> fields = body.getFieldsMap();

    assertThat(message.id()).isEqualTo("event-1");
    assertThat(message.timestamp()).isEqualTo(1_772_366_401);
    assertThat(fields.get("specversion").getStringValue()).isEqualTo("1.0");
    assertThat(fields.get("id").getStringValue()).isEqualTo("event-1");
    assertThat(fields.get("source").getStringValue()).isEqualTo("/v1/jobs");
    assertThat(fields.get("type").getStringValue()).isEqualTo("dev.milepost.job.failed");
    assertThat(fields.get("subject").getStringValue()).isEqualTo("job-1");
    assertThat(fields.get("time").getStringValue()).isEqualTo("2026-03-01T12:00:00Z");
    Job.Builder job = Job.newBuilder();
    JsonFormat.parser().merge(JsonFormat.printer().print(fields.get("data").getStructValue()), job);
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(job.getStatus().getOutcomeOrThrow("done")).isEqualTo(7);
  }

  /** Receivers in Go and Rust refuse 50.0 as an integer. */
  @Test
  void theBodyIsProto3Json() {
    String body = WebhookMessage.of(attempt(""), Instant.EPOCH).body();
    assertThat(body)
        .contains("\"priority\":50", "\"maxRetries\":2", "\"percent\":55", "\"attempt\":1")
        .contains("\"outcome\":{\"done\":\"7\"}", "\"fraction\":0.55")
        .doesNotContain(".0,", ".0}");
  }

  @Test
  void aTextCannotLeaveItsPlaceInTheBody() throws Exception {
    DeliveryAttempt given = attempt("");
    String id = "a\",\"type\":\"forged\u2028\n</script>";
    JobRecord record =
        given.record().toBuilder().setJob(given.record().getJob().toBuilder().setId(id)).build();
    Struct.Builder body = Struct.newBuilder();
    JsonFormat.parser()
        .merge(
            WebhookMessage.of(new DeliveryAttempt(record, given.delivery()), Instant.EPOCH).body(),
            body);
    assertThat(body.getFieldsOrThrow("subject").getStringValue()).isEqualTo(id);
    assertThat(body.getFieldsOrThrow("type").getStringValue()).isEqualTo("dev.milepost.job.failed");
  }

  /** Such a job may be in the store of an earlier version. */
  @Test
  void valuesThatJsonDoesNotHaveDoNotKeepTheNewsFromArriving() throws Exception {
    DeliveryAttempt given = attempt("");
    Job.Builder job = given.record().getJob().toBuilder();
    job.getStatusBuilder()
        .setResult(
            Struct.newBuilder()
                .putFields("a", Value.newBuilder().setNumberValue(Double.NaN).build()));
    DeliveryAttempt odd =
        new DeliveryAttempt(given.record().toBuilder().setJob(job).build(), given.delivery());
    Struct.Builder body = Struct.newBuilder();
    JsonFormat.parser().merge(WebhookMessage.of(odd, Instant.EPOCH).body(), body);
    assertThat(body.getFieldsOrThrow("type").getStringValue()).isEqualTo("dev.milepost.job.failed");
  }

  @Test
  void theMessageContainsNoSecret() {
    WebhookMessage message = WebhookMessage.of(attempt("hook-secret"), Instant.EPOCH);

    assertThat(message.signature()).hasValueSatisfying(s -> assertThat(s).startsWith("v1,"));
    assertThat(message.body())
        .doesNotContain("hook-secret", "token-secret", "params-secret", "hidden-path");
  }

  @Test
  void aMessageWithoutASecretIsNotSigned() {
    assertThat(WebhookMessage.of(attempt(""), Instant.EPOCH).signature()).isEmpty();
  }
}
