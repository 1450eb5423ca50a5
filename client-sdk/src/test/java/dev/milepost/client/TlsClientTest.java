package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.access.ApiToken;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenFile;
import dev.milepost.server.settings.Settings;
import dev.milepost.v1.Job;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests clients with TLS against the real server. */
class TlsClientTest {
  @TempDir Path directory;

  private @Nullable MilepostServer server;
  private Path certificate = Path.of("");

  private int serve(Map<String, Object> more) throws Exception {
    TestCertificate own = TestCertificate.of(directory, "dns:localhost,ip:127.0.0.1");
    certificate = Files.writeString(directory.resolve("tls.crt"), own.certificatePem());
    Path key = Files.writeString(directory.resolve("tls.key"), own.keyPem());
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("milepost.store", "memory:");
    settings.put("milepost.listen", "localhost:0");
    settings.put("milepost.http.listen", "off");
    settings.put("milepost.limits.drain-timeout", "1s");
    settings.put("milepost.tls.certificate", certificate.toString());
    settings.put("milepost.tls.key", key.toString());
    MilepostServer started = MilepostServer.start(Settings.with(settings));
    server = started;
    return started.address().port();
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void runsAJobWithATokenOverTls() throws Exception {
    Path tokens = directory.resolve("tokens.json");
    Instant now = Instant.now();
    ApiToken.Issued issued =
        ApiToken.issue("acme", "ann", Set.of(Role.USER), now, now.plus(Duration.ofHours(1)));
    new TokenFile(tokens)
        .update(
            all -> {
              all.put(issued.token().id(), issued.token());
              return all;
            });
    int port = serve(Map.of("milepost.auth.tokens.file", tokens.toString()));
    try (JobClient client =
        JobClient.builder("localhost:" + port).trust(certificate).token(issued.bearer()).build()) {
      Job job = client.run(JobSpec.of("a"), context -> context.logger().info("hello"));
      assertThat(job.getUserId()).isEqualTo("ann");
      assertThat(job.getStatus().getState().name()).endsWith("SUCCEEDED");
    } // A client that trusts only the JDK's certificates does not trust this server.
    try (JobClient client =
        JobClient.builder("localhost:" + port)
            .tls()
            .token(issued.bearer())
            .callTimeout(Duration.ofSeconds(1))
            .build()) {
      assertThatThrownBy(() -> client.create(JobSpec.of("a")))
          .isInstanceOf(ServerUnavailableException.class);
    }
  }

  @Test
  void aClientCertificateIdentifiesTheCaller() throws Exception {
    TestCertificate ann = TestCertificate.of(directory, "uri:spiffe://test/acme/ann");
    Path ca = Files.writeString(directory.resolve("ann.crt"), ann.certificatePem());
    Path key = Files.writeString(directory.resolve("ann.key"), ann.keyPem());
    int port =
        serve(
            Map.of(
                "milepost.tls.client-ca",
                ca.toString(),
                "milepost.auth.client-certificates.name",
                "spiffe://test/(?<tenant>[^/]+)/(?<user>[^/]+)"));
    try (JobClient client =
        JobClient.builder("localhost:" + port)
            .trust(certificate)
            .clientCertificate(ca, key)
            .build()) {
      assertThat(client.create(JobSpec.of("a")).get().getUserId()).isEqualTo("ann");
    }
  }

  @Test
  void everyCallCarriesARequestIdAndTheTraceOfItsContext() {
    Headers headers = new Headers();
    try (TestServer plain = TestServer.inMemory();
        JobClient client =
            JobClient.builder(plain.target())
                .channel(channel -> channel.intercept(headers))
                .build()) {
      String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      JobHandle job = client.create(JobSpec.of("a"));
      Context.current().withValue(Tracing.TRACEPARENT, trace).run(job::get);
      assertThat(headers.of("x-request-id")).hasSize(2).doesNotHaveDuplicates();
      assertThat(headers.of("traceparent")).containsExactly(trace);
    }
  }

  /** Records the headers that the client sends. */
  private static final class Headers implements ClientInterceptor {
    private final List<Metadata> seen = new CopyOnWriteArrayList<>();

    List<String> of(String name) {
      return seen.stream()
          .map(headers -> headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)))
          .filter(value -> value != null)
          .toList();
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          seen.add(headers);
          super.start(listener, headers);
        }
      };
    }
  }
}
