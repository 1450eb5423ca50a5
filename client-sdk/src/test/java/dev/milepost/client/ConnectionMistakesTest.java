package dev.milepost.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.access.ApiToken;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenFile;
import dev.milepost.server.settings.Settings;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import io.grpc.Server;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests what is said of a client or a server that is set up wrongly: target, time, cause, help. */
@Timeout(60)
class ConnectionMistakesTest {
  private static final Duration CALL_TIMEOUT = Duration.ofMillis(500);

  /** Long enough for a test to notice that a permanent problem was retried. */
  private static final Duration LONG_TIMEOUT = Duration.ofMinutes(5);

  @TempDir static Path directory;

  private static MilepostServer plain;
  private static MilepostServer secure;
  private static MilepostServer mutual;
  private static Path certificate;
  private static Path otherCertificate;
  private static String creator;
  private static String worker;

  @BeforeAll
  static void start() throws Exception {
    TestCertificate own = TestCertificate.of(directory, "dns:localhost");
    certificate = Files.writeString(directory.resolve("tls.crt"), own.certificatePem());
    Path key = Files.writeString(directory.resolve("tls.key"), own.keyPem());
    TestCertificate other = TestCertificate.of(directory, "dns:other.example");
    otherCertificate = Files.writeString(directory.resolve("other.crt"), other.certificatePem());
    creator = issue(Role.USER);
    worker = issue(Role.WORKER);
    Map<String, String> tls =
        Map.of("milepost.tls.certificate", certificate + "", "milepost.tls.key", key + "");
    Map<String, String> mtls = new HashMap<>(tls);
    mtls.put("milepost.tls.client-ca", otherCertificate.toString());
    mtls.put("milepost.auth.client-certificates.name", "spiffe://(?<tenant>[^/]+)/(?<user>.+)");
    plain = serve(Map.of("milepost.auth.tokens.file", directory.resolve("tokens.json") + ""));
    secure = serve(tls);
    mutual = serve(mtls);
  }

  private static MilepostServer serve(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("milepost.store", "memory:");
    settings.put("milepost.listen", "localhost:0");
    settings.put("milepost.http.listen", "off");
    settings.put("milepost.limits.drain-timeout", "1s");
    return MilepostServer.start(Settings.with(settings));
  }

  private static String issue(Role role) throws Exception {
    Instant now = Instant.now();
    ApiToken.Issued issued =
        ApiToken.issue("acme", "ann", Set.of(role), now, now.plus(Duration.ofHours(1)));
    new TokenFile(directory.resolve("tokens.json"))
        .update(
            all -> {
              all.put(issued.token().id(), issued.token());
              return all;
            });
    return issued.bearer();
  }

  @AfterAll
  static void stop() {
    plain.close();
    secure.close();
    mutual.close();
  }

  private static String at(MilepostServer server) {
    return "localhost:" + server.address().port();
  }

  private static JobException failureOf(JobClientBuilder builder) {
    try (JobClient client = builder.build()) {
      return catchThrowableOfType(JobException.class, () -> client.create(JobSpec.of("a")));
    }
  }

  /** What goes away by itself is tried until the call's time is over. */
  private static void isRetried(JobClientBuilder builder, String cause) {
    JobException failure = failureOf(builder.callTimeout(CALL_TIMEOUT));
    assertThat(failure).isInstanceOf(ServerUnavailableException.class);
    assertThat(((ServerUnavailableException) failure).isPermanent()).isFalse();
    assertThat(failure.getMessage())
        .matches("Cannot reach " + builder.target + " after \\d+ (try|tries) in .* m?s: " + cause);
  }

  /** What does not go away is told at once. */
  private static void isToldAtOnce(JobClientBuilder builder, String cause) {
    JobException failure = failureOf(builder.callTimeout(LONG_TIMEOUT));
    assertThat(failure).isInstanceOf(ServerUnavailableException.class);
    assertThat(((ServerUnavailableException) failure).isPermanent()).isTrue();
    assertThat(failure.getMessage())
        .matches("Cannot reach " + builder.target + " after 1 try in .* m?s: " + cause);
  }

  private static JobClientBuilder to(MilepostServer server) {
    return JobClient.builder(at(server));
  }

  private static JobClientBuilder to(ServerSocket socket) {
    return JobClient.builder("localhost:" + socket.getLocalPort());
  }

  private static ServerSocket listener() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @Test
  void aPortOnWhichNobodyListens() throws Exception {
    ServerSocket closed = listener();
    closed.close();
    isRetried(to(closed), "connection refused");
  }

  @Test
  void aBlackHole() throws Exception {
    try (ServerSocket mute = listener()) {
      isRetried(to(mute), "no answer");
      isRetried(to(mute).tls(), "no answer");
    }
  }

  @Test
  void anUnknownHost() {
    isRetried(JobClient.builder("nowhere.invalid").plaintext(), "unknown host");
    isRetried(JobClient.builder("nowhere.invalid,elsewhere.invalid").plaintext(), "unknown host");
  }

  @Test
  void aServerThatClosesConnections() throws Exception {
    try (ServerSocket closing = listener()) {
      Thread closer = new Thread(() -> answer(closing, ""), "closer");
      closer.setDaemon(true);
      closer.start();
      isRetried(to(closing), "it closed the connection");
    }
  }

  private static void answer(ServerSocket socket, String text) {
    try {
      while (true) {
        try (var connection = socket.accept()) {
          if (!text.isEmpty()) {
            connection.getOutputStream().write(text.getBytes(US_ASCII));
            connection.getInputStream().readAllBytes(); // Until the client has had enough.
          }
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Test
  void tlsAgainstPlaintextAndTheOtherWay() {
    isToldAtOnce(to(plain).tls(), "it does not speak TLS, but the client does; use plaintext.*");
    isToldAtOnce(to(secure), "it speaks TLS, but the client does not; use tls.*");
  }

  @Test
  void aCertificateThatIsNotTrusted() {
    isToldAtOnce(to(secure).tls(), "its certificate is not trusted; use trust.*");
    isToldAtOnce(to(secure).trust(otherCertificate), "its certificate is not trusted; use trust.*");
  }

  @Test
  void aCertificateOfAnotherName() {
    isToldAtOnce(
        JobClient.builder("127.0.0.1:" + secure.address().port()).trust(certificate),
        "its certificate is not valid for this name .*127.0.0.1.*");
  }

  @Test
  void aMissingClientCertificate() throws Exception {
    JobException failure = failureOf(to(mutual).trust(certificate).callTimeout(LONG_TIMEOUT));
    assertThat(failure).isInstanceOf(AccessDeniedException.class);
    assertThat(failure.getMessage())
        .matches(at(mutual) + " refused CreateJob after 1 try in .* m?s: .*client certificate.*");

    Server proxy =
        NettyServerBuilder.forPort(
                0,
                TlsServerCredentials.newBuilder()
                    .keyManager(certificate.toFile(), directory.resolve("tls.key").toFile())
                    .trustManager(otherCertificate.toFile())
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build())
            .build()
            .start();
    isToldAtOnce(
        JobClient.builder("localhost:" + proxy.getPort()).trust(certificate),
        "it requires a client certificate .*");
    proxy.shutdownNow();
  }

  @Test
  void aServerThatIsNoMilepost() throws Exception {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.start();
    isToldAtOnce(
        JobClient.builder("localhost:" + http.getAddress().getPort()),
        "it speaks HTTP/1, not gRPC; is it the right port.*");
    http.stop(0);
    try (ServerSocket ssh = listener()) {
      Thread server = new Thread(() -> answer(ssh, "SSH-2.0-OpenSSH_9.2\r\n"), "ssh");
      server.setDaemon(true);
      server.start();
      isToldAtOnce(to(ssh), "it does not speak gRPC; is it the right port.*");
    }
    Server other =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build()
            .start();
    isToldAtOnce(
        JobClient.builder("localhost:" + other.getPort()),
        "it is no Milepost server, or an older one .*CreateJob.*");
    other.shutdownNow();
  }

  @Test
  void aCallThatAnOlderServerDoesNotKnowIsTriedOnce() throws Exception {
    AtomicInteger cancels = new AtomicInteger();
    Server older =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                new JobServiceGrpc.JobServiceImplBase() {
                  @Override
                  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> out) {
                    out.onNext(GetJobResponse.getDefaultInstance());
                    out.onCompleted();
                  }

                  @Override
                  public void cancelJob(
                      CancelJobRequest request, StreamObserver<CancelJobResponse> out) {
                    cancels.incrementAndGet();
                    super.cancelJob(request, out);
                  }
                })
            .build()
            .start();
    try (JobClient client = JobClient.connect("localhost:" + older.getPort())) {
      client.get("a");
      assertThatThrownBy(() -> client.cancel("a", ""))
          .isInstanceOfSatisfying(
              JobException.class,
              failure -> assertThat(failure.code()).isEqualTo(StatusCode.UNIMPLEMENTED));
      assertThat(cancels).hasValue(1);
    }
    older.shutdownNow();
  }

  @Test
  void anOlderMilepostServerDoesNotKnowANewerCall() {
    try (JobClient client = to(plain).token(creator).callTimeout(LONG_TIMEOUT).build()) {
      client.create(JobSpec.of("a"));
      var unknown =
          JobServiceGrpc.getGetJobMethod().toBuilder()
              .setFullMethodName("milepost.v1.JobService/Foresee")
              .build();
      JobException failure =
          catchThrowableOfType(
              JobException.class,
              () ->
                  Futures.join(
                      client.core().calls().unary(unknown, GetJobRequest.getDefaultInstance())));
      assertThat(failure.code()).isEqualTo(StatusCode.UNIMPLEMENTED);
      assertThat(failure).isNotInstanceOf(ServerUnavailableException.class);
    }
  }

  @Test
  void theHttpPortOfAMilepostServer() {
    try (MilepostServer both =
        MilepostServer.start(
            Settings.with(
                Map.of(
                    "milepost.store", "memory:",
                    "milepost.listen", "localhost:0",
                    "milepost.http.listen", "localhost:0",
                    "milepost.limits.drain-timeout", "1s")))) {
      int port = URI.create(both.http()).getPort();
      isToldAtOnce(
          JobClient.builder("localhost:" + port),
          "it answered with HTTP status 404 instead of gRPC; is it the right port.*");
    }
  }

  /** Such as a proxy that is being set up. */
  @Test
  void whatIsWrongForAMomentIsAnOutageForAClientThatHasWorked() throws Exception {
    try (FakeServer server = new FakeServer();
        JobClient client = JobClient.connect(server.target())) {
      JobHandle job = client.create(JobSpec.of("a"));
      List<CompletableFuture<Job>> calls = new ArrayList<>();
      int port = server.port();
      server.restart(
          () -> {
            try (ServerSocket proxy =
                new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
              calls.add(client.async().get(job.id()));
              for (int i = 0; i < 2; i++) {
                try (Socket connection = proxy.accept()) {
                  connection
                      .getOutputStream()
                      .write("HTTP/1.1 502 Oops\r\n\r\n".getBytes(US_ASCII));
                  connection.getInputStream().readAllBytes();
                }
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      assertThat(calls.get(0).get(20, TimeUnit.SECONDS).getId()).isEqualTo(job.id());
    }
  }

  @Test
  void aWrongTokenAndAMissingRole() {
    JobException wrong = failureOf(to(plain).token("mlp_s3cret").callTimeout(LONG_TIMEOUT));
    assertThat(wrong).isInstanceOf(AccessDeniedException.class);
    assertThat(wrong.getMessage())
        .matches(at(plain) + " refused CreateJob after 1 try in .* m?s: .*token is unknown.*")
        .doesNotContain("s3cret");

    try (JobClient client = to(plain).token(worker).build()) {
      JobException missing =
          catchThrowableOfType(JobException.class, () -> client.admin().stats(""));
      assertThat(missing).isInstanceOf(AccessDeniedException.class);
      assertThat(missing.getMessage())
          .matches(at(plain) + " refused GetStats after 1 try in .* m?s: .*OPERATOR.*");
    }
  }

  @Test
  void watchesAndUploadsAreToldTheSame() {
    try (JobClient client = to(secure).callTimeout(LONG_TIMEOUT).build();
        JobWatch watch = client.watch("a")) {
      ServerUnavailableException failure =
          catchThrowableOfType(ServerUnavailableException.class, () -> watch.iterator().hasNext());
      assertThat(failure).hasMessageContaining("after 1 try").hasMessageContaining("speaks TLS");
      failure =
          catchThrowableOfType(
              ServerUnavailableException.class,
              () ->
                  client.createBatch(
                      JobSpec.of("a"), List.of(Item.newBuilder().setId("1").build())));
      assertThat(failure).hasMessageContaining("after 1 try").hasMessageContaining("speaks TLS");
    }
  }

  @Test
  void aWorkerThatCanNeverWorkEndsAtOnce() throws Exception {
    endsAtOnce(to(secure), "speaks TLS");
    endsAtOnce(to(secure).tls(), "not trusted");
    endsAtOnce(to(plain).token("mlp_s3cret"), "refused ClaimJobs");
  }

  private static void endsAtOnce(JobClientBuilder builder, String cause) throws Exception {
    try (JobClient client = builder.build();
        Worker worker = client.worker().handler("a", context -> {}).start()) {
      Throwable thrown =
          worker.stopped().handle((done, failure) -> failure).get(20, TimeUnit.SECONDS);
      assertThat(Futures.unwrap(thrown))
          .isInstanceOf(JobException.class)
          .hasMessageContaining(cause);
      assertThat(worker.health().state()).isEqualTo(WorkerHealth.State.FAILED);
      assertThat(worker.health().problem().orElseThrow()).contains(cause);
    }
  }

  @Test
  void aClosedClientSaysSo() {
    JobClient client = to(plain).token(creator).build();
    client.create(JobSpec.of("a"));
    client.close();
    JobException failure =
        catchThrowableOfType(JobException.class, () -> client.create(JobSpec.of("a")));
    assertThat(failure)
        .isInstanceOf(ServerUnavailableException.class)
        .hasMessage("The client is closed.");
  }
}
