package dev.milepost.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.grpc.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Misbehaving receivers, on real sockets. */
class HttpPosterTest {
  private static final WebhookMessage MESSAGE =
      new WebhookMessage("event-1", 1, "{}", Optional.of("v1,signature"));

  @FunctionalInterface
  private interface Talk {
    void with(Socket socket) throws IOException;
  }

  /** A receiver that accepts one connection. */
  private static CompletableFuture<Void> serve(ServerSocket listener, Talk talk) {
    return CompletableFuture.runAsync(
        () -> {
          try (Socket socket = listener.accept()) {
            talk.with(socket);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  private static void readHead(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the request broke off");
      }
      head.append((char) next);
    }
  }

  private static ServerSocket listener() throws IOException {
    return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  private static Integer post(HttpPoster poster, String url)
      throws ExecutionException, InterruptedException, TimeoutException {
    return poster
        .post(URI.create(url), InetAddress.getLoopbackAddress(), MESSAGE)
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void aMissingResponseTimesOut() throws Exception {
    try (ServerSocket listener = listener();
        HttpPoster poster = new HttpPoster(null, Duration.ofMillis(300))) {
      CompletableFuture<Void> ended =
          serve(
              listener,
              socket -> {
                readHead(socket);
                // Until the client closes.
                socket.getInputStream().readAllBytes();
              });
      assertThatThrownBy(() -> post(poster, "http://localhost:" + listener.getLocalPort()))
          .cause()
          .isInstanceOf(TimeoutException.class);
      ended.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void anEndlessResponseIsCutOff() throws Exception {
    try (ServerSocket listener = listener();
        HttpPoster poster = new HttpPoster(null, Duration.ofSeconds(10))) {
      CompletableFuture<Void> ended =
          serve(
              listener,
              socket -> {
                readHead(socket);
                OutputStream out = socket.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                byte[] junk = new byte[8192];
                while (true) {
                  // Throws when the client has closed.
                  out.write(junk);
                }
              });
      assertThat(post(poster, "http://localhost:" + listener.getLocalPort())).isEqualTo(200);
      assertThatThrownBy(() -> ended.get(20, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void aClosedConnectionIsNotAResponse() throws Exception {
    try (ServerSocket listener = listener();
        HttpPoster poster = new HttpPoster(null, Duration.ofSeconds(10))) {
      CompletableFuture<Void> ended = serve(listener, HttpPosterTest::readHead);
      assertThatThrownBy(() -> post(poster, "http://localhost:" + listener.getLocalPort()))
          .cause()
          .isInstanceOf(IOException.class);
      ended.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void theCertificateMustMatchTheHost(@TempDir Path directory) throws Exception {
    TestCertificate made = TestCertificate.of(directory, "dns:localhost");
    try (ServerSocket listener = tls(made).getServerSocketFactory().createServerSocket(0);
        HttpPoster poster = new HttpPoster(trusting(made), Duration.ofSeconds(10))) {
      String port = ":" + listener.getLocalPort() + "/";
      CompletableFuture<Void> good =
          serve(
              listener,
              socket -> {
                readHead(socket);
                socket
                    .getOutputStream()
                    .write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
              });
      assertThat(post(poster, "https://localhost" + port)).isEqualTo(204);
      good.get(20, TimeUnit.SECONDS);

      // The same trusted receiver, under a host name that its certificate does not contain.
      CompletableFuture<Void> bad = serve(listener, HttpPosterTest::readHead);
      assertThatThrownBy(() -> post(poster, "https://other.example" + port))
          .hasRootCauseInstanceOf(java.security.cert.CertificateException.class)
          .satisfies(
              thrown -> assertThat(causes(thrown)).hasAtLeastOneElementOfType(SSLException.class));
      assertThatThrownBy(() -> bad.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
    }
  }

  private static java.util.List<Throwable> causes(Throwable thrown) {
    return java.util.stream.Stream.iterate(thrown, java.util.Objects::nonNull, Throwable::getCause)
        .toList();
  }

  private static SSLContext tls(TestCertificate made) throws Exception {
    PrivateKey key =
        KeyFactory.getInstance("EC")
            .generatePrivate(
                new PKCS8EncodedKeySpec(
                    Base64.getMimeDecoder()
                        .decode(made.keyPem().replaceAll("-----[A-Z ]+-----", ""))));
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry("it", key, new char[0], new Certificate[] {made.certificate()});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static TrustManagerFactory trusting(TestCertificate made) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("it", made.certificate());
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    return managers;
  }
}
