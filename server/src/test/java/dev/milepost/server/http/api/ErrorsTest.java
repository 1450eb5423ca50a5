package dev.milepost.server.http.api;

import static dev.milepost.server.http.api.ApiClient.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.TestServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The HTTP status and the content of errors, over a real connection. */
class ErrorsTest {
  private TestServer server = start(Map.of());
  private ApiClient ann = ApiClient.of(server);

  private static TestServer start(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("milepost.http.listen", "localhost:0");
    return TestServer.start(all);
  }

  private void restart(Map<String, Object> settings) {
    server.close();
    server = start(settings);
    ann = ApiClient.of(server);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static void assertError(HttpResponse<String> response, int code, String status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(text(response.body(), "error.code")).isEqualTo(String.valueOf(code));
    assertThat(text(response.body(), "error.status")).isEqualTo(status);
    assertThat(text(response.body(), "error.message")).isNotEmpty();
    assertThat(text(response.body(), "error.details.0.@type"))
        .isEqualTo("type.googleapis.com/google.rpc.ErrorInfo");
  }

  @Test
  void invalidArgument() {
    HttpResponse<String> invalid = ann.post("/v1/jobs", "{\"spec\":{\"type\":\"\"}}");
    assertError(invalid, 400, "INVALID_ARGUMENT");
    assertThat(invalid.body()).contains("spec.type");
    HttpResponse<String> unknown = ann.post("/v1/jobs", "{\"spec\":{\"color\":\"red\"}}");
    assertError(unknown, 400, "INVALID_ARGUMENT");
    assertThat(unknown.body()).contains("color");
    HttpResponse<String> parameter = ann.get("/v1/jobs?color=red");
    assertError(parameter, 400, "INVALID_ARGUMENT");
    assertThat(text(parameter.body(), "error.details.1.fieldViolations.0.field"))
        .isEqualTo("color");
    assertError(ann.with("request-timeout", "soon").get("/v1/jobs"), 400, "INVALID_ARGUMENT");
  }

  @Test
  void failedPreconditionAndConflict() {
    String id = ann.createJob("a");
    assertError(ann.post("/v1/jobs/" + id + ":retry", "{}"), 400, "FAILED_PRECONDITION");
    String create = "{\"requestId\":\"r\",\"spec\":{\"type\":\"%s\"}}";
    assertThat(ann.post("/v1/jobs", create.formatted("a")).statusCode()).isEqualTo(200);
    assertError(ann.post("/v1/jobs", create.formatted("b")), 409, "ALREADY_EXISTS");
  }

  @Test
  void unauthenticatedAndDenied() {
    ApiClient nobody = new ApiClient(ann.url(), ann.http());
    HttpResponse<String> refused = nobody.get("/v1/jobs");
    assertError(refused, 401, "UNAUTHENTICATED");
    assertThat(refused.headers().firstValue("www-authenticate"))
        .hasValue("Bearer realm=\"milepost\"");
    assertError(ann.post("/v1/users/bob:erase", "{}"), 403, "PERMISSION_DENIED");
  }

  @Test
  void aForeignJobIsLikeAnAbsentOne() {
    String id = ann.createJob("secret");
    ApiClient bob = new ApiClient(ann.url(), ann.http()).with("x-milepost-user", "bob");
    String absent = "0".repeat(8) + id.substring(8);
    for (String path : new String[] {"", "/progress", "/outcome", "/journal", "/items", ":watch"}) {
      HttpResponse<String> foreign = bob.get("/v1/jobs/" + id + path);
      HttpResponse<String> missing = bob.get("/v1/jobs/" + absent + path);
      assertError(foreign, 404, "NOT_FOUND");
      assertThat(foreign.body().replace(id, absent)).isEqualTo(missing.body());
      assertThat(foreign.headers().map().keySet()).isEqualTo(missing.headers().map().keySet());
    }
    assertThat(bob.get("/v1/jobs").body()).doesNotContain("secret");
  }

  @Test
  void otherPathsAndMethods() {
    HttpResponse<String> path = ann.get("/v1/nothing");
    assertError(path, 404, "NOT_FOUND");
    assertThat(path.body()).contains("/openapi.json");
    HttpResponse<String> method = ann.send("PUT", "/v1/jobs", "{}");
    assertError(method, 405, "UNIMPLEMENTED");
    assertThat(method.headers().firstValue("allow")).hasValue("GET, POST");
  }

  @Test
  void theBodyMustBeJsonOfALimitedSize() {
    assertError(
        ann.send(
            ann.request("/v1/jobs")
                .header("content-type", "text/plain")
                .POST(BodyPublishers.ofString("{}"))),
        415,
        "INVALID_ARGUMENT");
    assertError(
        ann.send(
            ann.request("/v1/jobs")
                .header("content-type", "application/json")
                .header("content-encoding", "gzip")
                .POST(BodyPublishers.ofString("{}"))),
        415,
        "INVALID_ARGUMENT");
    assertError(
        ann.send(ann.request("/v1/jobs").method("GET", BodyPublishers.ofString("{}"))),
        400,
        "INVALID_ARGUMENT");
    restart(Map.of("milepost.limits.message-size", "2K"));
    String large = "{\"spec\":{\"type\":\"" + "a".repeat(3_000) + "\"}}";
    assertError(ann.post("/v1/jobs", large), 413, "RESOURCE_EXHAUSTED");
    HttpResponse<String> chunked =
        ann.send(
            ann.request("/v1/jobs")
                .header("content-type", "application/json")
                .POST(
                    BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(large.getBytes(UTF_8)))));
    assertError(chunked, 413, "RESOURCE_EXHAUSTED");
    assertThat(ann.post("/v1/jobs", "{\"spec\":{\"type\":\"a\"}}").statusCode()).isEqualTo(200);
  }

  @Test
  void bodiesThatAreArrivingHoldLimitedBytes() throws IOException {
    restart(Map.of("milepost.limits.bytes-in-flight", "32M"));
    String large = "[" + "0,".repeat(500_000);
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), URI.create(ann.url()).getPort());
        slow.add(socket);
        String head =
            String.join(
                "\r\n",
                "POST /v1/jobs HTTP/1.1",
                "Host: localhost",
                "x-milepost-user: ann",
                "Content-Type: application/json",
                "Content-Length: 4190000",
                "",
                "");
        socket.getOutputStream().write((head + "0".repeat(4_000_000)).getBytes(UTF_8));
      }
      await().until(() -> ann.post("/v1/jobs", large).statusCode() == 503);
      assertError(ann.post("/v1/jobs", large), 503, "UNAVAILABLE");
      assertThat(ann.post("/v1/jobs", "{\"spec\":{\"type\":\"a\"}}").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    await().until(() -> ann.post("/v1/jobs", large).statusCode() == 400);
  }

  @Test
  void tooManyCallsSayWhenToRetry() {
    restart(
        Map.of(
            "milepost.limits.user-requests-per-second", 1, "milepost.limits.request-burst", "1s"));
    HttpResponse<String> refused = ann.get("/v1/jobs");
    for (int i = 0; i < 5 && refused.statusCode() == 200; i++) {
      refused = ann.get("/v1/jobs");
    }
    assertError(refused, 429, "RESOURCE_EXHAUSTED");
    assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
    assertThat(refused.body()).contains("user-requests-per-second");
  }

  @Test
  void aDeadlineEndsTheCall() {
    assertError(
        ann.with("request-timeout", "0.000000001").get("/v1/jobs"), 504, "DEADLINE_EXCEEDED");
  }

  @Test
  void forgedHeadersMeanNothing() {
    HttpResponse<String> read =
        ann.with("milepost-origin-bin", "AAAA")
            .with("grpc-timeout", "1n")
            .with("grpc-encoding", "gzip")
            .get("/v1/jobs");
    assertThat(read.statusCode()).isEqualTo(200);
    HttpResponse<String> forwarded = ann.with("x-forwarded-for", "10.0.0.1").get("/v1/jobs");
    assertError(forwarded, 401, "UNAUTHENTICATED");
    HttpResponse<String> twice = ann.with("x-milepost-user", "bob").get("/v1/jobs");
    assertError(twice, 401, "UNAUTHENTICATED");
  }
}
