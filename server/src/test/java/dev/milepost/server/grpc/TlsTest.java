package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.settings.SettingsException;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port with TLS: rotated certificates, and clients with certificates. */
class TlsTest {
  private static final String LOCALHOST = "dns:localhost,ip:127.0.0.1";
  private static final String PATTERN = "spiffe://test/tenant/(?<tenant>[^/]+)/user/(?<user>[^/]+)";

  @TempDir Path directory;

  private final List<AutoCloseable> open = new ArrayList<>();
  private Path certificate;
  private Path key;
  private TestCertificate own;

  @BeforeEach
  void certificates() throws Exception {
    certificate = directory.resolve("tls.crt");
    key = directory.resolve("tls.key");
    own = TestCertificate.of(directory, LOCALHOST);
    use(own);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  private void use(TestCertificate identity) throws IOException {
    Files.writeString(certificate, identity.certificatePem());
    Files.writeString(key, identity.keyPem());
  }

  private TestServer serve(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("milepost.tls.certificate", certificate.toString());
    settings.put("milepost.tls.key", key.toString());
    settings.put("milepost.auth.reload", "5ms");
    TestServer server = TestServer.start(settings);
    open.add(server);
    return server;
  }

  private TestServer serveForCertificates(TestCertificate ca, String required) throws IOException {
    Path file = Files.writeString(directory.resolve("ca.pem"), ca.certificatePem());
    return serve(
        Map.of(
            "milepost.tls.client-ca", file.toString(),
            "milepost.tls.client-certificate", required,
            "milepost.auth.client-certificates.name", PATTERN));
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  private static ChannelCredentials trusting(TestCertificate server) throws IOException {
    return TlsChannelCredentials.newBuilder().trustManager(stream(server.certificatePem())).build();
  }

  private ChannelCredentials showing(TestCertificate client) throws IOException {
    return TlsChannelCredentials.newBuilder()
        .trustManager(stream(own.certificatePem()))
        .keyManager(stream(client.certificatePem()), stream(client.keyPem()))
        .build();
  }

  private ManagedChannel connect(TestServer server, ChannelCredentials credentials) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", server.port(), credentials).build();
    open.add(channel::shutdownNow);
    return channel;
  }

  /** Checks the server's health on a new connection. */
  private HealthCheckResponse.ServingStatus ask(TestServer server, ChannelCredentials credentials) {
    ManagedChannel channel = connect(server, credentials);
    try {
      return HealthGrpc.newBlockingStub(channel)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void clientsThatTrustTheCertificateConnectByTls() throws Exception {
    TestServer server = serve(Map.of());
    assertThat(ask(server, trusting(own))).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    TestCertificate stranger = TestCertificate.of(directory, LOCALHOST);
    assertThat(Failure.of(() -> ask(server, trusting(stranger))).code())
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(Failure.of(() -> server.client().create("a")).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void aRotatedCertificateKeepsOpenConnections() throws Exception {
    TestServer server = serve(Map.of());
    ManagedChannel before = connect(server, trusting(own));
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(before);
    health.check(HealthCheckRequest.getDefaultInstance());

    TestCertificate next = TestCertificate.of(directory, LOCALHOST);
    // Between the two writes certificate and key do not match: the old pair stays in use.
    Files.writeString(certificate, next.certificatePem());
    assertThat(ask(server, trusting(own))).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    use(next);
    await()
        .pollInterval(java.time.Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> ask(server, trusting(next)) == HealthCheckResponse.ServingStatus.SERVING);
    assertThat(Failure.of(() -> ask(server, trusting(own))).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);

    Files.writeString(certificate, "nonsense");
    assertThat(ask(server, trusting(next))).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  @Test
  void aClientCertificateIdentifiesTheCaller() throws Exception {
    TestCertificate ann = TestCertificate.of(directory, "uri:spiffe://test/tenant/acme/user/ann");
    TestServer server = serveForCertificates(ann, "optional");
    TestClient client = new TestClient(connect(server, showing(ann)));
    assertThat(client.create("a").getUserId()).isEqualTo("ann");
    assertThat(client.create("a").getTenantId()).isEqualTo("acme");
    assertThat(client.as("eve").create("a").getUserId()).isEqualTo("ann");

    Failure without = Failure.of(() -> new TestClient(connect(server, trusting(own))).create("a"));
    assertThat(without.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(without.message()).contains("client certificate");

    TestCertificate forged =
        TestCertificate.of(directory, "uri:spiffe://test/tenant/acme/user/ann");
    assertThat(
            Failure.of(() -> new TestClient(connect(server, showing(forged))).create("a")).code())
        .isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void aClientCertificateWithoutAMatchingNameIsRejected() throws Exception {
    TestCertificate nobody =
        TestCertificate.of(directory, "uri:spiffe://test/tenant/acme/user/ann/more,dns:ann");
    TestServer server = serveForCertificates(nobody, "optional");
    Failure failure =
        Failure.of(() -> new TestClient(connect(server, showing(nobody))).create("a"));
    assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure.message()).contains("no name");
  }

  @Test
  void aClientCertificateWithTwoMatchingNamesIsRejected() throws Exception {
    TestCertificate two =
        TestCertificate.of(
            directory,
            "uri:spiffe://test/tenant/acme/user/ann,uri:spiffe://test/tenant/acme/user/bob");
    TestServer server = serveForCertificates(two, "optional");
    Failure failure = Failure.of(() -> new TestClient(connect(server, showing(two))).create("a"));
    assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure.message()).contains("several");
  }

  @Test
  void clientsWithoutARequiredCertificateCannotConnect() throws Exception {
    TestCertificate ann = TestCertificate.of(directory, "uri:spiffe://test/tenant/acme/user/ann");
    TestServer server = serveForCertificates(ann, "required");
    assertThat(ask(server, showing(ann))).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    assertThat(Failure.of(() -> ask(server, trusting(own))).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void aKeyThatDoesNotMatchTheCertificateIsRefusedAtStart() throws Exception {
    Files.writeString(key, TestCertificate.of(directory, LOCALHOST).keyPem());
    assertThatThrownBy(() -> serve(Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("a certificate and")
        .hasMessageNotContaining("PRIVATE");
  }
}
