package dev.milepost.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.grpc.TestServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which hosts and origins may call, whatever the method and the path. */
class SiteGuardTest {
  private static final List<String> REQUESTS =
      List.of(
          "GET /",
          "GET /metrics",
          "GET /health",
          "GET /openapi.json",
          "GET /ui/",
          "GET /v1/jobs",
          "POST /v1/jobs",
          "PATCH /v1/jobs/a",
          "DELETE /v1/jobs/a",
          "OPTIONS /v1/jobs",
          "HEAD /v1/jobs",
          "PUT /nowhere");

  private TestServer server = start(Map.of());

  private static TestServer start(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("milepost.http.listen", "127.0.0.1:0");
    return TestServer.start(all);
  }

  private void restart(Map<String, Object> settings) {
    server.close();
    server = start(settings);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String send(String line, String... headers) {
    List<String> all = new ArrayList<>(Arrays.asList(headers));
    if (Stream.of(headers).noneMatch(header -> header.startsWith("Host:"))) {
      all.add("Host: localhost");
    }
    int port = URI.create(server.server().http()).getPort();
    return RawHttp.request(port, line, all.toArray(String[]::new));
  }

  private static int status(String response) {
    return Integer.parseInt(response.substring(9, 12));
  }

  @Test
  void anotherHostIsRefused() {
    for (String request : REQUESTS) {
      for (String host : List.of("evil.example", "evil.example:7301", "localhost.evil.example")) {
        String response = send(request, "Host: " + host);
        assertThat(status(response)).as(request + " " + host).isEqualTo(421);
      }
    }
    assertThat(send("GET /", "Host: evil.example")).contains("milepost.http.allowed-hosts");
  }

  @Test
  void localhostAndAddressesAreAccepted() {
    for (String host :
        List.of("localhost", "LOCALHOST:1", "localhost.", "127.0.0.1:7301", "[::1]:7301")) {
      assertThat(status(send("GET /health", "Host: " + host))).as(host).isEqualTo(200);
    }
  }

  @Test
  void aProbeWithoutAHostIsAccepted() {
    int port = URI.create(server.server().http()).getPort();
    assertThat(status(RawHttp.send(port, "GET /health HTTP/1.0\r\n\r\n"))).isEqualTo(200);
  }

  @Test
  void aNameOfTheSettingsIsAccepted() {
    restart(Map.of("milepost.http.allowed-hosts", List.of("jobs.example.org")));
    assertThat(status(send("GET /health", "Host: Jobs.example.org:8443"))).isEqualTo(200);
    assertThat(status(send("GET /health", "Host: jobs.example.com"))).isEqualTo(421);
  }

  @Test
  void anotherOriginIsRefused() {
    for (String request : REQUESTS) {
      for (String origin : List.of("http://evil.example", "null", "http://localhost:1", "")) {
        String response = send(request, "Origin: " + origin);
        assertThat(status(response)).as(request + " " + origin).isEqualTo(403);
        assertThat(response).doesNotContainIgnoringCase("access-control");
      }
    }
  }

  @Test
  void theOwnOriginIsAccepted() {
    String own = "localhost:7301";
    for (String scheme : List.of("http", "https")) {
      String response = send("GET /health", "Host: " + own, "Origin: " + scheme + "://" + own);
      assertThat(status(response)).isEqualTo(200);
      assertThat(response).doesNotContainIgnoringCase("access-control");
    }
  }

  @Test
  void anOriginOfTheSettingsMayCall() {
    String origin = "https://intranet.example.org";
    restart(Map.of("milepost.http.allowed-origins", List.of(origin)));
    String preflight =
        send(
            "OPTIONS /v1/jobs",
            "Origin: " + origin,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: authorization");
    assertThat(status(preflight)).isEqualTo(204);
    assertThat(preflight)
        .contains("Access-Control-Allow-Origin: " + origin)
        .containsIgnoringCase("access-control-allow-headers: authorization");
    String call = send("GET /v1/jobs", "Origin: " + origin, "x-milepost-user: ann");
    assertThat(status(call)).isEqualTo(200);
    assertThat(call)
        .contains("Access-Control-Allow-Origin: " + origin)
        .contains("Vary: Origin")
        .doesNotContainIgnoringCase("allow-credentials");
    assertThat(status(send("GET /v1/jobs", "Origin: http://evil.example"))).isEqualTo(403);
  }

  @Test
  void everyResponseHasTheSecurityHeaders() {
    for (String request : REQUESTS) {
      String response = send(request);
      assertThat(response.substring(0, response.indexOf("\r\n\r\n")))
          .as(request)
          .contains("X-Content-Type-Options: nosniff")
          .contains("Referrer-Policy: no-referrer")
          .contains("Content-Security-Policy: default-src")
          .doesNotContainIgnoringCase("server:");
    }
  }

  @Test
  void allPathsBeginWithTheBasePath() {
    restart(Map.of("milepost.http.base-path", "/jobs/here"));
    assertThat(server.server().http()).endsWith("/jobs/here");
    for (String path : List.of("/jobs/here/health", "/jobs/here", "/jobs/here/")) {
      assertThat(status(send("GET " + path))).as(path).isEqualTo(200);
    }
    assertThat(send("GET /jobs/here/openapi.json")).contains("\"url\": \"/jobs/here\"");
    assertThat(status(send("GET /jobs/here/v1/jobs", "x-milepost-user: ann"))).isEqualTo(200);
    for (String path : List.of("/health", "/", "/jobs/hereandnow/health", "/v1/jobs")) {
      assertThat(status(send("GET " + path))).as(path).isEqualTo(404);
    }
  }

  @Test
  void theStartPageExplainsItself() {
    String text = send("GET /");
    assertThat(text).contains("text/plain").contains("POST /v1/jobs");
    assertThat(text).contains("gRPC is on localhost:" + server.port());
    assertThat(send("GET /", "Accept: text/html,*/*")).contains("text/html").contains("<mp-app>");
  }

  @Test
  void theDescriptionIsCheckedForChanges() {
    String first = send("GET /openapi.json");
    assertThat(status(first)).isEqualTo(200);
    String etag = first.replaceAll("(?s).*\r\nETag: (\\S+)\r\n.*", "$1");
    assertThat(status(send("GET /openapi.json", "If-None-Match: " + etag))).isEqualTo(304);
    assertThat(send("GET /openapi.json", "Accept-Encoding: gzip")).contains("Encoding: gzip");
    assertThat(status(send("POST /openapi.json"))).isEqualTo(404);
  }

  @Test
  void aRefusedRequestDoesNotWaitForItsBody() {
    int port = URI.create(server.server().http()).getPort();
    // 100 bytes are promised, and two are sent.
    String response =
        RawHttp.send(
            port,
            "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                + "Content-Type: application/json\r\n\r\n{}");
    assertThat(status(response)).isEqualTo(401);
    assertThat(response).contains("Connection: close");
  }

  @Test
  void malformedRequestsAreRefusedWithoutACause() {
    int port = URI.create(server.server().http()).getPort();
    for (String request :
        List.of(
            "nonsense\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET /a/%2e%2e/b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")) {
      String response = RawHttp.send(port, request);
      assertThat(status(response)).as(request).isEqualTo(400);
      assertThat(response).doesNotContain("jetty", "Exception", "org.");
    }
    String large = "X-Large: " + "x".repeat(20_000);
    assertThat(status(send("GET /", large))).isEqualTo(431);
  }
}
