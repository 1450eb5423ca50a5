package dev.milepost.server.http.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.TestCertificate;
import dev.milepost.server.grpc.TestServer;
import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP over TLS: the certificate of the gRPC port, and clients with certificates. */
class TlsTest {
  private static final String LOCALHOST = "DNS:localhost";
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path directory;
  private TestCertificate own;
  private TestServer server;

  @BeforeEach
  void certificate() throws Exception {
    own = TestCertificate.of(directory, LOCALHOST);
    use(own);
    serve(Map.of());
  }

  private void use(TestCertificate identity) throws IOException {
    Files.writeString(directory.resolve("tls.crt"), identity.certificatePem());
    Files.writeString(directory.resolve("tls.key"), identity.keyPem());
  }

  private void serve(Map<String, Object> more) {
    if (server != null) {
      server.close();
    }
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("milepost.http.listen", "localhost:0");
    settings.put("milepost.tls.certificate", directory.resolve("tls.crt").toString());
    settings.put("milepost.tls.key", directory.resolve("tls.key").toString());
    settings.put("milepost.auth.reload", "5ms");
    server = TestServer.start(settings);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  private ApiClient client(TestCertificate trusted, Optional<TestCertificate> shown)
      throws Exception {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("server", trusted.certificate());
    TrustManagerFactory trusts =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusts.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown.isPresent() ? keys(shown.get()) : null, trusts.getTrustManagers(), null);
    return new ApiClient(
        server.server().http(), HttpClient.newBuilder().sslContext(context).build());
  }

  private static KeyManager[] keys(TestCertificate shown) throws Exception {
    PrivateKey key = CertificateUtils.getPrivateKey(stream(shown.keyPem()));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("client", key, PASSWORD, new X509Certificate[] {shown.certificate()});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    return keys.getKeyManagers();
  }

  @Test
  void clientsThatTrustTheCertificateCallByHttp2() throws Exception {
    assertThat(server.server().http()).startsWith("https://localhost:");
    ApiClient ann = client(own, Optional.empty()).with("x-milepost-user", "ann");
    HttpResponse<String> jobs = ann.get("/v1/jobs");
    assertThat(jobs.statusCode()).isEqualTo(200);
    assertThat(jobs.version()).isEqualTo(HttpClient.Version.HTTP_2);
    ApiClient stranger = client(TestCertificate.of(directory, LOCALHOST), Optional.empty());
    assertThatThrownBy(() -> stranger.get("/v1/jobs"))
        .hasStackTraceContaining("SSLHandshakeException");
  }

  @Test
  void plainHttpGetsTheOperatorsPagesOnly() {
    String plain = server.server().http().replace("https:", "http:");
    ApiClient ann = new ApiClient(plain, HttpClient.newHttpClient()).with("x-milepost-user", "ann");
    assertThat(ann.get("/health").body()).isEqualTo("ok");
    assertThat(ann.get("/metrics").statusCode()).isEqualTo(200);
    HttpResponse<String> refused = ann.get("/v1/jobs");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("https");
  }

  @Test
  void anotherAddressNeedsTlsForCalls() throws Exception {
    server.close();
    // Not loopback to the server, though it is this machine.
    server = TestServer.start(Map.of("milepost.http.listen", "0.0.0.0:0"));
    URI url = URI.create(server.server().http().replace("0.0.0.0", "127.0.0.1"));
    assertThat(get(url.resolve("/v1/jobs")).statusCode()).isEqualTo(401);
    String outer = InetAddress.getLocalHost().getHostAddress();
    URI other = URI.create(server.server().http().replace("0.0.0.0", outer));
    if (!outer.startsWith("127.")) {
      assertThat(get(other.resolve("/v1/jobs")).statusCode()).isEqualTo(403);
      assertThat(get(other.resolve("/health")).statusCode()).isEqualTo(200);
    }
  }

  private static HttpResponse<String> get(URI url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aRotatedCertificateIsUsedForNewConnections() throws Exception {
    ApiClient before = client(own, Optional.empty());
    assertThat(before.get("/health").statusCode()).isEqualTo(200);
    TestCertificate next = TestCertificate.of(directory, LOCALHOST);
    use(next);
    await()
        .ignoreExceptions()
        .until(() -> client(next, Optional.empty()).get("/health").statusCode() == 200);
  }

  @Test
  void aClientCertificateIsACredential() throws Exception {
    TestCertificate worker =
        TestCertificate.of(directory, "URI:spiffe://test/tenant/acme/user/carl");
    Files.writeString(directory.resolve("ca.pem"), worker.certificatePem());
    serve(
        Map.of(
            "milepost.tls.client-ca",
            directory.resolve("ca.pem").toString(),
            "milepost.auth.client-certificates.name",
            "spiffe://test/tenant/(?<tenant>[^/]+)/user/(?<user>[^/]+)"));
    ApiClient carl = client(own, Optional.of(worker));
    String id = carl.createJob("a");
    HttpResponse<String> job = carl.get("/v1/jobs/" + id);
    assertThat(ApiClient.text(job.body(), "job.userId")).isEqualTo("carl");
    assertThat(ApiClient.text(job.body(), "job.tenantId")).isEqualTo("acme");
    ApiClient nobody = client(own, Optional.empty());
    assertThat(nobody.get("/v1/jobs").statusCode()).isEqualTo(401);
    assertThat(nobody.with("x-milepost-user", "carl").get("/v1/jobs").statusCode()).isEqualTo(401);
  }
}
