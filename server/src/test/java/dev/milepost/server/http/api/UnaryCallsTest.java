package dev.milepost.server.http.api;

import static dev.milepost.server.http.api.ApiClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.grpc.TestServer;
import java.net.http.HttpResponse;
import java.util.Map;
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
}
