package dev.milepost.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Configurations that the server refuses; each message is a sentence that says what to set. */
class ExposureTest {
  private static final Map<String, Object> TOKENS = Map.of("milepost.auth.tokens.file", "t.json");
  private static final Map<String, Object> TLS =
      Map.of("milepost.tls.certificate", "c.pem", "milepost.tls.key", "k.pem");

  @SafeVarargs
  private static Settings settings(Map<String, Object>... parts) {
    Map<String, Object> all = new HashMap<>();
    all.put("milepost.listen", "0.0.0.0:7300");
    for (Map<String, Object> part : parts) {
      all.putAll(part);
    }
    return Settings.with(all);
  }

  @SafeVarargs
  private static void refused(String remedy, Map<String, Object>... parts) {
    assertThatThrownBy(() -> Exposure.check(settings(parts)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(remedy)
        .hasMessageMatching("[^\\n]*[^.]\\.");
  }

  @Test
  void listeningBeyondLoopbackRequiresAuthentication() {
    refused("--listen localhost:7300 instead of 0.0.0.0:7300, or set milepost.auth.tokens.file");
    refused("milepost.auth.tokens.file", TLS);
    refused("milepost.auth.tokens.file", TOKENS, TLS, Map.of("milepost.auth.development", "on"));
  }

  @Test
  void tokensRequireTlsBeyondLoopback() {
    refused("milepost.tls.certificate and milepost.tls.key", TOKENS);
    refused("milepost.tls.terminated-upstream = true", TOKENS);
    assertThat(Exposure.check(settings(TOKENS, TLS)).getPort()).isEqualTo(7300);
    assertThat(
            Exposure.check(settings(TOKENS, Map.of("milepost.tls.terminated-upstream", true)))
                .getPort())
        .isEqualTo(7300);
    assertThat(Exposure.check(settings(TOKENS, Map.of("milepost.listen", "localhost:0"))).getPort())
        .isZero();
  }

  @Test
  void developmentHeadersAreNotTrustedBehindAProxy() {
    refused(
        "milepost.auth.development = off",
        Map.of("milepost.listen", "localhost:0", "milepost.tls.terminated-upstream", true));
  }

  @Test
  void clientCertificatesRequireACertificateAuthority() {
    refused(
        "set milepost.tls.client-ca",
        TLS,
        Map.of(
            "milepost.auth.client-certificates.name", "(?<user>.+)",
            "milepost.auth.client-certificates.tenant", "acme"));
  }

  private static void unusable(String remedy, Map<String, Object> part) {
    assertThatThrownBy(() -> settings(part))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(remedy)
        .hasMessageMatching("[^\\n]*[^.]\\.");
  }

  @Test
  void incompleteSettingsAreRefused() {
    unusable("milepost.tls.key", Map.of("milepost.tls.certificate", "c.pem"));
    unusable("needs TLS", Map.of("milepost.tls.client-ca", "c.pem"));
    unusable("optional or required", Map.of("milepost.tls.client-certificate", "maybe"));
    unusable("auto, on or off", Map.of("milepost.auth.development", "maybe"));
    unusable("No credentials are configured", Map.of("milepost.auth.development", "off"));
    unusable(".audience", Map.of("milepost.auth.jwt.issuer", "i"));
    Map<String, Object> jwt = new HashMap<>();
    jwt.put("milepost.auth.jwt.issuer", "i");
    jwt.put("milepost.auth.jwt.audience", "a");
    unusable("one of .jwks-url", jwt);
    jwt.put("milepost.auth.jwt.jwks-url", "http://issuer.example/jwks");
    unusable("https", jwt);
    jwt.put("milepost.auth.jwt.jwks-url", "https://issuer.example/jwks");
    jwt.put("milepost.auth.jwt.tenant", "acme");
    unusable("tenant-claim", jwt);
    jwt.put("milepost.auth.jwt.tenant-claim", "");
    assertThat(settings(jwt).auth().development()).isFalse();
    jwt.put("milepost.auth.jwt.hs256-secret-file", "s");
    unusable("one of .jwks-url", jwt);
    unusable("tenant", Map.of("milepost.auth.client-certificates.name", "(?<user>.+)"));
    Map<String, Object> certificates = new HashMap<>();
    certificates.put("milepost.auth.client-certificates.name", "(?<user>.+)(");
    certificates.put("milepost.auth.client-certificates.tenant", "acme");
    unusable("is invalid", certificates);
    certificates.put("milepost.auth.client-certificates.roles", java.util.List.of("KING"));
    unusable("USER, WORKER", certificates);
  }

  @Test
  void theRecheckIntervalIsAtMostThirtySeconds() {
    assertThatThrownBy(() -> Settings.with(Map.of("milepost.auth.recheck", "31s")))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "The setting milepost.auth.recheck must be at most 30s. It is set by the program.");
    assertThat(Settings.with(Map.of("milepost.auth.recheck", "30s")).auth().recheck())
        .hasSeconds(30);
  }
}
