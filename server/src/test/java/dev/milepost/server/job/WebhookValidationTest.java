package dev.milepost.server.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.milepost.v1.Webhook;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks that are invalid by themselves. */
class WebhookValidationTest {
  private static void validate(Webhook.Builder webhook) {
    FieldChecks violations = new FieldChecks();
    WebhookValidation.webhook(violations, webhook.build());
    violations.orThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://a.example",
        "https://a.example:8443/hooks/1?key=2",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "http://localhost:8080/",
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "https://xn--bcher-kva.example/",
        "https://1.a.example",
        "HTTPS://a.example",
        "hTTps://A.Example/",
        "HTTP://LOCALHOST:8080/",
        "http://hooks.localhost:8080/"
      })
  void validWebhooks(String url) {
    assertThatCode(() -> validate(Webhook.newBuilder().setUrl(url))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "http://a.example/, an https URL",
    "http://10.0.0.1/, an https URL",
    "ftp://a.example/, an https URL",
    "https:///path, an https URL",
    "https://a.example:99999/, an https URL",
    "https://a.example:0/, an https URL",
    "https://a b/, an https URL",
    "a.example, an https URL",
    "https://user:word@a.example/, a user or a password",
    "https://a.example/#part, a fragment",
    "https://10.0.0.1/, the public internet",
    "https://169.254.169.254/latest/meta-data, the public internet",
    "https://[fe80::1]/, the public internet",
    "https://[::ffff:10.0.0.1]/, the public internet",
    "https://[64:ff9b::a00:1]/, the public internet",
    "https://2130706433/, the public internet",
    "https://0x7f.1/, an https URL",
    "https://0177.0.0.1/, the public internet",
    "https://127.1/, an https URL",
    "https://010.0.0.1/, the public internet",
    "https://1.2.3.4.5/, an https URL",
    "https://999.0.0.1/, an https URL"
  })
  void invalidWebhooks(String url, String complaint) {
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> validate(Webhook.newBuilder().setUrl(url)))
        .withMessageContaining("spec.webhook.url")
        .withMessageContaining(complaint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8080/",
        "HTTPS://LocalHost./",
        "https://hooks.localhost/",
        "http://127.0.0.1:8080/",
        "https://127.9.9.9/",
        "http://[::1]/",
        "https://[0:0:0:0:0:0:0:1]/"
      })
  void theOwnMachineIsRefusedWhereItIsNotAllowed(String url) {
    Webhook webhook = Webhook.newBuilder().setUrl(url).build();
    NewJob job =
        new NewJob(
            new JobKey("acme", "job"),
            "ann",
            "ann",
            "",
            "",
            JobLife.spec().setWebhook(webhook).build());
    JobRules strict = new JobRules(JobDefaults.STANDARD, false);
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(() -> strict.create(job, List.of(), ClockReading.at(JobLife.START)))
        .withMessageContaining("spec.webhook.url")
        .withMessageContaining("milepost.webhooks.loopback");
    JobRules lenient = new JobRules(JobDefaults.STANDARD, true);
    assertThatCode(() -> lenient.create(job, List.of(), ClockReading.at(JobLife.START)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"whsec_, Base64", "whsec_?, Base64"})
  void aSecretWithTheBase64PrefixMustBeBase64(String secret, String complaint) {
    assertThatExceptionOfType(Refusal.InvalidArgument.class)
        .isThrownBy(
            () -> validate(Webhook.newBuilder().setUrl("https://a.example").setSecret(secret)))
        .withMessageContaining("spec.webhook.secret")
        .withMessageContaining(complaint);
  }
}
