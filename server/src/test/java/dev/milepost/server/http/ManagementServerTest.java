package dev.milepost.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages for operators. */
class ManagementServerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private ManagementServer server;

  @BeforeEach
  void open() throws IOException {
    server = new ManagementServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private HttpRequest request(String method, String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)))
        .method(method, BodyPublishers.noBody())
        .build();
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    return client.send(request(method, path), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void metricsAreReadOnEachRequest() throws Exception {
    StringBuilder text = new StringBuilder("first");
    server.serve(text::toString, () -> true);
    HttpResponse<String> page = ask("GET", "/metrics");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).isEqualTo("first");
    assertThat(page.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    text.append(" and second");
    assertThat(ask("GET", "/metrics").body()).isEqualTo("first and second");
  }

  @Test
  void healthReportsWhetherTheServerAcceptsCalls() throws Exception {
    AtomicBoolean serving = new AtomicBoolean(true);
    server.serve(() -> "", serving::get);
    HttpResponse<String> health = ask("GET", "/health");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).isEqualTo("ok");
    serving.set(false);
    health = ask("GET", "/health");
    assertThat(health.statusCode()).isEqualTo(503);
    assertThat(health.body()).isEqualTo("not serving");
    assertThat(ask("GET", "/metrics").statusCode()).isEqualTo(200);
  }

  @Test
  void healthAnswersBesideManySlowRequests() throws Exception {
    server.serve(() -> "", () -> true);
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        slow.add(socket);
        socket.getOutputStream().write("GET /hea".getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(ask("GET", "/health").body()).isEqualTo("ok");
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void healthAnswersAfterTooManyConnections() throws Exception {
    server.serve(() -> "", () -> true);
    List<Socket> held = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      held.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
    }
    for (Socket socket : held) {
      socket.close();
    }
    await().ignoreExceptions().until(() -> ask("GET", "/health").statusCode() == 200);
  }

  @Test
  void otherPathsAreNotFound() throws Exception {
    server.serve(() -> "", () -> true);
    for (String path :
        new String[] {"/", "/metrics/", "/metricsandmore", "/health/x", "/..", "/%2e"}) {
      assertThat(ask("GET", path).statusCode()).as(path).isEqualTo(404);
    }
  }

  @Test
  void otherMethodsAreRefused() throws Exception {
    server.serve(() -> "", () -> true);
    for (String method : new String[] {"POST", "PUT", "DELETE", "HEAD"}) {
      HttpResponse<String> refused = ask(method, "/metrics");
      assertThat(refused.statusCode()).as(method).isEqualTo(405);
      assertThat(refused.headers().firstValue("Allow")).hasValue("GET");
    }
  }

  @Test
  void aFailedPageRevealsNoCause() throws Exception {
    server.serve(
        () -> {
          throw new IllegalStateException("a secret");
        },
        () -> true);
    HttpResponse<String> failed = ask("GET", "/metrics");
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.body()).doesNotContain("secret");
    assertThat(ask("GET", "/health").statusCode()).isEqualTo(200);
  }

  @Test
  void earlyRequestsWaitUntilThePagesAreServed() {
    CompletableFuture<HttpResponse<String>> early =
        client.sendAsync(request("GET", "/metrics"), HttpResponse.BodyHandlers.ofString());
    server.serve(() -> "page", () -> true);
    assertThat(early.join().body()).isEqualTo("page");
  }

  @Test
  void anAddressInUseIsRefused() {
    InetSocketAddress taken =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    assertThatThrownBy(() -> new ManagementServer(taken)).isInstanceOf(BindException.class);
  }

  @Test
  void closeReleasesTheAddressWhetherPagesWereServedOrNot() throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    server.close();
    server = new ManagementServer(address);
    server.serve(() -> "", () -> true);
    server.close();
    new ManagementServer(address).close();
  }

  @Test
  void aClosedServerServesNothing() {
    server.close();
    server.serve(() -> "", () -> true);
    server.close();
    assertThatThrownBy(() -> ask("GET", "/health")).isInstanceOf(IOException.class);
  }
}
