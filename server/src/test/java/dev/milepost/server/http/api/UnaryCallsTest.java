package dev.milepost.server.http.api;

import static dev.milepost.server.http.api.ApiClient.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.v1.LogLevel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Unary calls as JSON, over a real connection. */
class UnaryCallsTest {
  private TestServer server;
  private ApiClient ann;

  @BeforeEach
  void start() {
    server = TestServer.start(Map.of("milepost.http.listen", "localhost:0"));
    ann = ApiClient.of(server);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void createsReadsListsAndCancels() {
    String id = ann.createJob("import");
    HttpResponse<String> read = ann.get("/v1/jobs/" + id);
    assertThat(read.statusCode()).isEqualTo(200);
    assertThat(read.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(read.headers().firstValue("cache-control")).hasValue("no-store");
    assertThat(read.headers().firstValue("x-request-id")).isPresent();
    assertThat(text(read.body(), "job.spec.type")).isEqualTo("import");
    ann.createJob("export");
    HttpResponse<String> list = ann.get("/v1/jobs?filter.types=import&page_size=10");
    assertThat(text(list.body(), "jobs.0.id")).isEqualTo(id);
    assertThat(list.body()).doesNotContain("export");
    HttpResponse<String> cancelled = ann.post("/v1/jobs/" + id + ":cancel", "{}");
    assertThat(cancelled.statusCode()).as(cancelled.body()).isEqualTo(200);
    assertThat(text(cancelled.body(), "job.status.state")).isEqualTo("JOB_STATE_CANCELLED");
  }

  @Test
  void aStreamOfRequestsIsLinesOfJson() {
    String batch = "{\"batch\":{\"spec\":{\"type\":\"hash\"}}}\n";
    String items = "{\"items\":{\"items\":[{\"id\":\"a\"},{\"id\":\"b\"}]}}\n";
    HttpResponse<String> created =
        ann.send(
            ann.request("/v1/jobs:batchCreate")
                .header("content-type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(batch + items + "\n")));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
    assertThat(text(created.body(), "childCount")).isEqualTo("1");
    String id = text(created.body(), "job.id");
    assertThat(ann.get("/v1/jobs/" + id + "/items").body()).contains("\"a\"", "\"b\"");
    HttpResponse<String> refused =
        ann.send(
            ann.request("/v1/jobs:batchCreate")
                .header("content-type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(batch + "{\"item\":1}")));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("Line 2: ");
    assertThat(ann.post("/v1/jobs:batchCreate", "{}").statusCode()).isEqualTo(415);
    HeldJob work = server.client().start("import");
    HttpResponse<String> reports =
        ann.send(
            ann.request("/v1/jobs:reportStream")
                .header("content-type", "application/x-ndjson")
                .POST(
                    BodyPublishers.ofString(
                        "{\"jobId\":\"%s\",\"attemptToken\":\"%s\"}\n"
                            .formatted(work.jobId(), work.token()))));
    assertThat(reports.statusCode()).as(reports.body()).isEqualTo(200);
    assertThat(reports.body()).contains(work.jobId());
  }

  @Test
  void shortFormsListActiveAndPastJobsAndLogs() {
    HeldJob active = server.client().start("import");
    active.log(LogLevel.LOG_LEVEL_INFO, "first");
    active.log(LogLevel.LOG_LEVEL_ERROR, "second");
    String past = ann.createJob("export");
    ann.post("/v1/jobs/" + past + ":cancel", "{}");
    assertThat(ann.get("/v1/jobs:active").body()).contains(active.jobId()).doesNotContain(past);
    assertThat(ann.get("/v1/jobs:past").body()).contains(past).doesNotContain(active.jobId());
    assertThat(ann.get("/v1/jobs:past?filter.types=import").body()).isEqualTo("{}\n");
    HttpResponse<String> logs =
        ann.get("/v1/jobs/" + active.jobId() + "/logs?newest_first=true&page_size=1");
    assertThat(logs.body()).contains("second").doesNotContain("first", "stateChange");
    assertThat(ann.get("/v1/jobs/" + active.jobId() + "/logs?min_level=LOG_LEVEL_ERROR").body())
        .contains("second")
        .doesNotContain("first");
  }

  @Test
  void aWaitMayBeLongerThanAnythingElse() {
    server.close();
    server =
        TestServer.inRealTime(
            Map.of(
                "milepost.http.listen", "localhost:0",
                "milepost.limits.response-timeout", "200ms"));
    for (HttpClient.Version version : HttpClient.Version.values()) {
      ApiClient own =
          new ApiClient(server.server().http(), HttpClient.newBuilder().version(version).build())
              .with("x-milepost-user", "ann");
      String id = own.createJob("import");
      HttpResponse<String> waited = own.post("/v1/jobs/" + id + ":wait", "{\"wait\":\"1s\"}");
      assertThat(waited.statusCode()).as(waited.body()).isEqualTo(200);
      assertThat(text(waited.body(), "job.id")).isEqualTo(id);
    }
  }

  @Test
  void aUserHasSoManyStreamsOverBothPorts() {
    server.close();
    server =
        TestServer.start(
            Map.of("milepost.http.listen", "localhost:0", "milepost.limits.user-streams", 2));
    ann = ApiClient.of(server);
    String id = ann.createJob("import");
    server.client().watch(id).awaitPosition(1);
    HttpResponse<Stream<String>> second = ann.open(ann.request("/v1/jobs/" + id + ":watch"));
    assertThat(second.statusCode()).isEqualTo(200);
    HttpResponse<String> third = ann.get("/v1/jobs/" + id + ":watch");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.body()).contains("user-streams");
    second.body().close();
  }

  @Test
  void bothVersionsOfHttpCarryCalls() {
    String id = ann.createJob("import");
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpClient client = HttpClient.newBuilder().version(version).build();
      HttpResponse<String> read =
          new ApiClient(ann.url(), client).with("x-milepost-user", "ann").get("/v1/jobs/" + id);
      assertThat(read.statusCode()).isEqualTo(200);
      assertThat(read.version()).isEqualTo(version);
    }
  }

  @Test
  void aJobIsUpdatedWithTheFieldsOfTheMask() {
    String id = ann.createJob("import");
    HttpResponse<String> updated =
        ann.send(
            "PATCH", "/v1/jobs/" + id, "{\"spec\":{\"priority\":77},\"updateMask\":\"priority\"}");
    assertThat(updated.statusCode()).as(updated.body()).isEqualTo(200);
    assertThat(text(updated.body(), "job.spec.priority")).isEqualTo("77");
    assertThat(text(updated.body(), "job.spec.type")).isEqualTo("import");
  }

  @Test
  void whatADashboardShowsOfOneJob() {
    HeldJob work = server.client().start("import");
    work.log(LogLevel.LOG_LEVEL_INFO, "first");
    work.log(LogLevel.LOG_LEVEL_ERROR, "second");
    work.progress(3, 4);
    String path = "/v1/jobs/" + work.jobId();
    assertThat(ann.get(path + "/progress").body()).contains("\"total\":\"4\"");
    HttpResponse<String> logs = ann.get(path + "/journal?logs_only=true&newest_first=true");
    assertThat(text(logs.body(), "entries.0.log.message")).isEqualTo("second");
    assertThat(text(logs.body(), "entries.0.sequence")).matches("[0-9]+");
    assertThat(ann.get(path + "/journal?levels=LOG_LEVEL_ERROR&logs_only=true").body())
        .contains("second")
        .doesNotContain("first");
    work.complete();
    assertThat(ann.get(path + "/outcome").body()).contains("JOB_STATE_SUCCEEDED");
    assertThat(ann.get("/v1/jobs?filter.states=JOB_STATE_RUNNING").body())
        .doesNotContain(work.jobId());
    HttpResponse<String> operation = ann.get("/v1/operations/" + work.jobId());
    assertThat(text(operation.body(), "done")).isEqualTo("true");
    assertThat(text(operation.body(), "response.@type")).endsWith("milepost.v1.Job");
    HttpResponse<String> deleted = ann.send(ann.request(path).DELETE());
    assertThat(deleted.statusCode()).isEqualTo(200);
    assertThat(ann.get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void responsesAreCompressedForThoseWhoTakeIt() throws Exception {
    for (int i = 0; i < 20; i++) {
      ann.createJob("import");
    }
    HttpResponse<byte[]> list =
        ann.http()
            .send(
                ann.request("/v1/jobs").header("accept-encoding", "gzip").build(),
                HttpResponse.BodyHandlers.ofByteArray());
    assertThat(list.headers().firstValue("content-encoding")).hasValue("gzip");
    String plain =
        new String(
            new GZIPInputStream(new ByteArrayInputStream(list.body())).readAllBytes(),
            StandardCharsets.UTF_8);
    assertThat(plain).isEqualTo(ann.get("/v1/jobs").body());
    HttpResponse<String> watch =
        ann.send(
            ann.request("/v1/jobs/" + text(plain, "jobs.0.id") + ":watch")
                .header("accept-encoding", "gzip")
                .header("request-timeout", "1"));
    assertThat(watch.headers().firstValue("content-encoding")).isEmpty();
    assertThat(watch.body()).startsWith("{\"job\":");
  }

  @Test
  void aShareTokenShowsProgressOnly() {
    String id = ann.createJob("import");
    HttpResponse<String> share = ann.post("/v1/jobs/" + id + ":share", "{}");
    ApiClient bearer =
        new ApiClient(ann.url(), ann.http())
            .with("authorization", "Bearer " + text(share.body(), "token"));
    assertThat(bearer.get("/v1/jobs/" + id + "/progress").statusCode()).isEqualTo(200);
    assertThat(bearer.get("/v1/jobs/" + id).statusCode()).isEqualTo(403);
    HttpResponse<Stream<String>> watch =
        bearer.open(
            bearer
                .request("/v1/jobs/" + id + "/progress:watch")
                .header("accept", "text/event-stream"));
    Iterator<String> lines = watch.body().iterator();
    assertThat(lines.next()).isEqualTo("event: progress");
    assertThat(lines.next()).startsWith("data: {\"progress\":{");
    watch.body().close();
  }

  @Test
  void connectionsOfBothPortsCountTogether() throws Exception {
    server.close();
    server =
        TestServer.start(
            Map.of(
                "milepost.http.listen",
                "localhost:0",
                "milepost.limits.connections-per-address",
                3));
    int port = URI.create(server.server().http()).getPort();
    server.client().create("a");
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        open.add(socket);
        socket
            .getOutputStream()
            .write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
      }
      // They are accepted in any order.
      assertThat(open.stream().filter(UnaryCallsTest::isClosed)).hasSize(1);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    await().ignoreExceptions().until(() -> ApiClient.of(server).get("/health").statusCode() == 200);
  }

  private static boolean isClosed(Socket socket) {
    try {
      return socket.getInputStream().read() == -1;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // It was reset.
    }
  }
}
