package dev.milepost.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.http.HealthReport.Part;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages for operators, over real connections. */
class HttpServerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = new HttpServer(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static void serve(
      HttpServer on, Supplier<String> metrics, Supplier<HealthReport> health) {
    TestSites.serve(on, metrics, health);
  }

  private static HealthReport report(boolean serving) {
    return new HealthReport(true, serving, List.of());
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
    serve(server, text::toString, () -> report(true));
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
    serve(server, () -> "", () -> report(serving.get()));
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
  void liveSaysWhetherARestartIsNeeded() throws Exception {
    AtomicBoolean live = new AtomicBoolean(true);
    serve(server, () -> "", () -> new HealthReport(live.get(), false, List.of()));
    HttpResponse<String> page = ask("GET", "/health/live");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).isEqualTo("{\"live\":true}\n");
    assertThat(page.headers().firstValue("Content-Type")).hasValue("application/json");
    live.set(false);
    assertThat(ask("GET", "/health/live").statusCode()).isEqualTo(503);
  }

  @Test
  void readyNamesWhatIsMissingAndSinceWhen() throws Exception {
    Instant since = Instant.parse("2026-11-30T10:00:00Z");
    Part store = new Part("store", "up", true, since, "");
    List<Part> parts = new ArrayList<>(List.of(store));
    serve(server, () -> "", () -> new HealthReport(true, true, parts));
    HttpResponse<String> page = ask("GET", "/health/ready");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .isEqualTo(
            "{\"ready\":true,\"store\":{\"state\":\"up\",\"since\":\"2026-11-30T10:00:00Z\"}}\n");
    parts.add(new Part("disk", "full", false, since, "a \"b\" \\ \n"));
    page = ask("GET", "/health/ready");
    assertThat(page.statusCode()).isEqualTo(503);
    assertThat(page.body())
        .startsWith("{\"ready\":false,\"store\":{\"state\":\"up\"")
        .endsWith(
            "\"disk\":{\"state\":\"full\",\"since\":\"2026-11-30T10:00:00Z\","
                + "\"reason\":\"a \\\"b\\\" \\\\ \\n\"}}\n");
  }

  @Test
  void allAddressesGetOnePort() throws Exception {
    InetSocketAddress other = new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0);
    InetSocketAddress first = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (HttpServer both = new HttpServer(List.of(first, other))) {
      serve(both, () -> "both", () -> report(true));
      for (String host : List.of("127.0.0.1", "127.0.0.2")) {
        URI page = URI.create("http://%s:%d/metrics".formatted(host, both.port()));
        assertThat(
                client
                    .send(
                        HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                    .body())
            .isEqualTo("both");
      }
    }
  }

  @Test
  void healthAnswersBesideManySlowRequests() throws Exception {
    serve(server, () -> "", () -> report(true));
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
    serve(server, () -> "", () -> report(true));
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
    serve(server, () -> "", () -> report(true));
    for (String path : new String[] {"/metrics/", "/metricsandmore", "/health/x", "/v1/jobs"}) {
      assertThat(ask("GET", path).statusCode()).as(path).isEqualTo(404);
    }
  }

  @Test
  void otherMethodsAreRefused() throws Exception {
    serve(server, () -> "", () -> report(true));
    for (String method : new String[] {"POST", "PUT", "DELETE", "HEAD"}) {
      HttpResponse<String> refused = ask(method, "/metrics");
      assertThat(refused.statusCode()).as(method).isEqualTo(405);
      assertThat(refused.headers().firstValue("Allow")).hasValue("GET");
    }
  }

  @Test
  void aFailedPageRevealsNoCause() throws Exception {
    serve(
        server,
        () -> {
          throw new IllegalStateException("a secret");
        },
        () -> report(true));
    HttpResponse<String> failed = ask("GET", "/metrics");
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.body()).doesNotContain("secret");
    assertThat(ask("GET", "/health").statusCode()).isEqualTo(200);
  }

  @Test
  void earlyRequestsWaitUntilThePagesAreServed() {
    CompletableFuture<HttpResponse<String>> early =
        client.sendAsync(request("GET", "/metrics"), HttpResponse.BodyHandlers.ofString());
    serve(server, () -> "page", () -> report(true));
    assertThat(early.join().body()).isEqualTo("page");
  }

  @Test
  void anAddressInUseIsRefused() {
    InetSocketAddress taken =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    assertThatThrownBy(() -> new HttpServer(List.of(taken))).isInstanceOf(BindException.class);
  }

  @Test
  void closeReleasesTheAddressWhetherPagesWereServedOrNot() throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    server.close();
    server = new HttpServer(List.of(address));
    serve(server, () -> "", () -> report(true));
    server.close();
    new HttpServer(List.of(address)).close();
  }

  @Test
  void aClosedServerServesNothing() {
    server.close();
    serve(server, () -> "", () -> report(true));
    server.close();
    assertThatThrownBy(() -> ask("GET", "/health")).isInstanceOf(IOException.class);
  }
}
