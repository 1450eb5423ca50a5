package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the builder of a client refuses what cannot work, and says which setting it is. */
class BuilderChecksTest {
  @TempDir Path directory;

  private static void refuses(String setting, Consumer<JobClientBuilder> call) {
    assertThatThrownBy(() -> call.accept(JobClient.builder("localhost")))
        .isInstanceOfAny(IllegalArgumentException.class, NullPointerException.class)
        .hasMessageStartingWith(setting);
  }

  @Test
  void aTokenIsTrimmed() {
    assertThat(BearerToken.checked(" mlp_x\r\n")).isEqualTo("mlp_x");
  }

  @Test
  void aTokenThatNoHeaderCanCarryIsRefusedWithoutBeingQuoted() {
    for (String wrong :
        List.of(
            "",
            " \n",
            "s3cret two",
            "s3cret\nmore",
            "s3crét",
            "Bearer s3cret",
            "x\0s3cret",
            "s3cret".repeat(2_000))) {
      assertThatThrownBy(() -> JobClient.builder("localhost").token(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("token: must ")
          .hasMessageNotContaining("cret");
    }
    refuses("token", builder -> builder.token((String) null));
  }

  @Test
  void namesDurationsAndSizesAreChecked() {
    for (String wrong : List.of("", " ", "two words", "müller", "x".repeat(129))) {
      refuses("user: must be 1 to 128", builder -> builder.user(wrong));
      refuses("tenant: must be 1 to 128", builder -> builder.tenant(wrong));
    }
    for (Duration wrong : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(40_000))) {
      refuses("callTimeout: must be ", builder -> builder.callTimeout(wrong));
      refuses("keepAlive: must be ", builder -> builder.keepAlive(wrong));
    }
    refuses("maxInboundMessageSize: must be", builder -> builder.maxInboundMessageSize(0));
    assertThatThrownBy(() -> JobClient.connect(null)).hasMessage("target");
  }

  @Test
  void nothingIsNull() {
    refuses("user", builder -> builder.user(null));
    refuses("callTimeout", builder -> builder.callTimeout(null));
    refuses("certificates", builder -> builder.trust(null));
    refuses("key", builder -> builder.clientCertificate(directory, null));
    refuses("executor", builder -> builder.executor(null));
    refuses("credentials", builder -> builder.credentials(null));
    refuses("settings", builder -> builder.channel(null));
  }

  @Test
  void certificatesAndKeysAreCheckedWhenTheClientIsBuilt() throws Exception {
    TestCertificate own = TestCertificate.of(directory, "dns:localhost");
    Path certificate = file("tls.crt", own.certificatePem());
    Path key = file("tls.key", own.keyPem());
    Path otherKey = file("other.key", TestCertificate.of(directory, "dns:other").keyPem());
    Path empty = file("empty", "");
    Path text = file("text", "hello");
    Path encrypted = file("enc.key", own.keyPem().replace("PRIVATE", "ENCRYPTED PRIVATE"));
    Path damaged = file("bad.key", own.keyPem().replaceFirst("\n.{20}", "\n"));

    assertThatCode(() -> with(certificate, certificate, key)).doesNotThrowAnyException();
    says("trust: ", "absent does not exist", () -> with(directory.resolve("absent"), null, null));
    says("trust: ", " cannot be read: ", () -> with(directory, null, null));
    says("trust: ", "empty holds no certificate", () -> with(empty, null, null));
    says("trust: ", "text is no PEM file of certificates", () -> with(text, null, null));
    says("trust: ", "tls.key is no PEM file", () -> with(key, null, null));
    says("clientCertificate: ", "holds no certificate", () -> with(null, empty, key));
    says("clientCertificate: ", "holds no unencrypted", () -> with(null, certificate, text));
    says("clientCertificate: ", "holds no unencrypted", () -> with(null, certificate, encrypted));
    says("clientCertificate: ", "holds no key of", () -> with(null, certificate, damaged));
    says("clientCertificate: ", "is not the key of", () -> with(null, certificate, otherKey));
  }

  private Path file(String name, String content) throws Exception {
    return Files.writeString(directory.resolve(name), content, StandardCharsets.US_ASCII);
  }

  private static void says(String setting, String problem, ThrowingCallable build) {
    assertThatThrownBy(build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(setting)
        .hasMessageContaining(problem);
  }

  private static void with(Path trusted, Path certificate, Path key) {
    JobClientBuilder builder = JobClient.builder("localhost");
    if (trusted != null) {
      builder.trust(trusted);
    }
    if (certificate != null) {
      builder.clientCertificate(certificate, key);
    }
    builder.build().close();
  }
}
