package dev.milepost.server.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.grpc.TestServer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams as server-sent events and as lines of JSON, over a real connection. */
class EventStreamsTest {
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

  /** Reads one event: its lines up to the empty one. */
  private static List<String> next(Iterator<String> lines) {
    List<String> event = new ArrayList<>();
    for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
      event.add(line);
    }
    return event;
  }

  private HttpResponse<Stream<String>> watch(String id) {
    return ann.open(ann.request("/v1/jobs/" + id + ":watch").header("accept", "text/event-stream"));
  }

  @Test
  void aJobIsWatchedToItsEnd() {
    String id = ann.createJob("import");
    HttpResponse<Stream<String>> opened = watch(id);
    assertThat(opened.statusCode()).isEqualTo(200);
    assertThat(opened.headers().firstValue("content-type")).hasValue("text/event-stream");
    Iterator<String> lines = opened.body().iterator();
    List<String> first = next(lines);
    assertThat(first.get(0)).matches("id: [0-9]+@20.*Z");
    assertThat(first.get(1)).isEqualTo("event: job");
    assertThat(first.get(2)).startsWith("data: {").contains(id);
    ann.post("/v1/jobs/" + id + ":cancel", "{}");
    List<String> last = List.of();
    while (lines.hasNext()) {
      last = next(lines);
    }
    assertThat(last).containsExactly("event: end", "data: {}");
  }
}
