package dev.milepost.server.http.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.server.metrics.MetricsPage;
import dev.milepost.v1.Report;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
  private static final String EVENTS = "text/event-stream";

  private TestServer server;
  private ApiClient ann;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            Map.of("milepost.http.listen", "localhost:0", "milepost.http.keep-alive", "50ms"));
    ann = ApiClient.of(server);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** An event: its fields, and its data. */
  private record Event(String id, String name, String data) {}

  /** Reads one event, and passes over comments. */
  private static Event next(Iterator<String> lines) {
    String id = "";
    String name = "";
    String data = "";
    while (true) {
      String line = lines.next();
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (line.isEmpty() && !name.isEmpty()) {
        return new Event(id, name, data);
      } else {
        assertThat(line).isIn("", ": keep-alive");
      }
    }
  }

  private static List<Event> all(HttpResponse<Stream<String>> stream) {
    assertThat(stream.statusCode()).isEqualTo(200);
    Iterator<String> lines = stream.body().iterator();
    List<Event> events = new ArrayList<>();
    do {
      events.add(next(lines));
    } while (!List.of("end", "error").contains(events.get(events.size() - 1).name()));
    assertThat(lines).isExhausted();
    return events;
  }

  private HttpResponse<Stream<String>> watch(ApiClient client, String id) {
    return client.open(client.request("/v1/jobs/" + id + ":watch").header("accept", EVENTS));
  }

  private double metric(String line) {
    return MetricsPage.read(server.server().http() + "/metrics")
        .text()
        .lines()
        .filter(each -> each.startsWith(line))
        .mapToDouble(each -> Double.parseDouble(each.substring(each.lastIndexOf(' '))))
        .sum();
  }

  private void awaitWatches(int open) {
    await().until(() -> metric("milepost_watches_open ") == open);
  }

  @Test
  void aJobIsWatchedToItsEnd() {
    String id = ann.createJob("import");
    HttpResponse<Stream<String>> opened = watch(ann, id);
    assertThat(opened.headers().firstValue("content-type")).hasValue(EVENTS);
    assertThat(opened.headers().firstValue("cache-control")).hasValue("no-store");
    assertThat(opened.headers().firstValue("x-request-id")).isPresent();
    Iterator<String> lines = opened.body().iterator();
    Event first = next(lines);
    assertThat(first.id()).matches("[0-9]+@20.*Z");
    assertThat(first.name()).isEqualTo("job");
    assertThat(first.data()).contains(id);
    ann.post("/v1/jobs/" + id + ":cancel", "{}");
    Event last = first;
    while (!last.name().equals("end")) {
      last = next(lines);
    }
    assertThat(last).isEqualTo(new Event("", "end", "{}"));
    assertThat(lines).isExhausted();
  }

  @Test
  void aWatchResumesAfterTheLastEvent() {
    HeldJob work = server.client().start("import");
    for (int i = 0; i < 5; i++) {
      work.report(Report.newBuilder().addLogs(HeldJob.info("line " + i)));
    }
    Iterator<String> lines = watch(ann, work.jobId()).body().iterator();
    Event seen = next(lines);
    while (!seen.data().contains("line 4")) {
      seen = next(lines);
    }
    work.report(Report.newBuilder().addLogs(HeldJob.info("line 5")));
    work.complete();
    List<Event> rest = all(watch(ann.with("last-event-id", seen.id()), work.jobId()));
    String data = rest.stream().map(Event::data).reduce("", String::concat);
    assertThat(data).contains("line 5").doesNotContain("line 4");
    assertThat(data.split("line 5", -1)).hasSize(2);
    List<Event> fromStart = all(watch(ann, work.jobId()));
    assertThat(fromStart.toString()).contains("line 0", "line 5");
  }

  @Test
  void aPositionOfAnotherJobIsRefused() {
    Iterator<String> lines = watch(ann, ann.createJob("a")).body().iterator();
    assertThat(next(lines).id()).startsWith("0@");
    String position = next(lines).id();
    server.clock().advance(Duration.ofSeconds(1));
    String other = ann.createJob("b");
    HttpResponse<Stream<String>> refused = watch(ann.with("last-event-id", position), other);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body().reduce("", String::concat)).contains("OUT_OF_RANGE");
    assertThat(watch(ann.with("last-event-id", "nonsense"), other).statusCode()).isEqualTo(400);
  }

  @Test
  void linesOfJsonAreTheDefault() {
    String id = ann.createJob("import");
    ann.post("/v1/jobs/" + id + ":cancel", "{}");
    HttpResponse<String> all = ann.get("/v1/jobs/" + id + ":watch");
    assertThat(all.headers().firstValue("content-type")).hasValue("application/x-ndjson");
    List<String> lines = all.body().lines().filter(line -> !line.isEmpty()).toList();
    assertThat(lines.get(0)).startsWith("{\"job\":{");
    assertThat(lines).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
    assertThat(all.body()).endsWith("}\n").doesNotContain("{\"error\"");
  }

  @Test
  void aListIsWatchedByPost() {
    String id = ann.createJob("import");
    HttpResponse<Stream<String>> opened =
        ann.open(
            ann.request("/v1/jobs:watch")
                .header("accept", EVENTS)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{\"filter\":{\"types\":[\"import\"]}}")));
    Iterator<String> lines = opened.body().iterator();
    Event snapshot = next(lines);
    assertThat(snapshot.name()).isEqualTo("snapshot");
    assertThat(snapshot.data()).contains(id);
    assertThat(next(lines).name()).isEqualTo("synced");
    String entered = ann.createJob("import");
    Event event = next(lines);
    assertThat(event.name()).isEqualTo("entered");
    assertThat(event.data()).contains(entered);
  }

  @Test
  void anErrorBeforeTheFirstMessageIsThatOfAnyCall() {
    HttpResponse<Stream<String>> absent = watch(ann, "absent");
    assertThat(absent.statusCode()).isEqualTo(404);
    assertThat(absent.headers().firstValue("content-type")).hasValue("application/json");
  }

  @Test
  void aStoppingServerSaysSo() {
    Iterator<String> lines = watch(ann, ann.createJob("import")).body().iterator();
    assertThat(next(lines).name()).isEqualTo("job");
    server.close();
    Event last = next(lines);
    while (last.name().equals("update")) {
      last = next(lines);
    }
    assertThat(last.name()).isEqualTo("error");
    assertThat(last.data()).contains("\"code\":503", "\"status\":\"UNAVAILABLE\"");
  }

  @Test
  void aDeadlineEndsAStream() {
    List<Event> events = all(watch(ann.with("request-timeout", "1"), ann.createJob("import")));
    assertThat(events.get(0).name()).isEqualTo("job");
    assertThat(events.get(events.size() - 1).data()).contains("DEADLINE_EXCEEDED");
  }

  @Test
  void aClientThatLeavesEndsTheWatch() {
    String id = ann.createJob("import");
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpClient client = HttpClient.newBuilder().version(version).build();
      ApiClient own = new ApiClient(ann.url(), client).with("x-milepost-user", "ann");
      HttpResponse<Stream<String>> opened = watch(own, id);
      assertThat(opened.version()).isEqualTo(version);
      assertThat(next(opened.body().iterator()).name()).isEqualTo("job");
      awaitWatches(1);
      opened.body().close();
      awaitWatches(0);
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsLittle() throws IOException {
    HeldJob work = server.client().start("import");
    String line = "x".repeat(16_000);
    for (int i = 0; i < 900; i++) {
      work.report(Report.newBuilder().addLogs(HeldJob.info(line)));
    }
    work.complete();
    try (Socket slow = new Socket()) {
      slow.setReceiveBufferSize(16 * 1024);
      int port = URI.create(ann.url()).getPort();
      slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      slow.getOutputStream()
          .write(
              ("GET /v1/jobs/"
                      + work.jobId()
                      + ":watch HTTP/1.1\r\nHost: localhost\r\n"
                      + "Accept: text/event-stream\r\nx-milepost-user: ann\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      awaitWatches(1);
      String sent = "grpc_server_responses_sent_messages_total{method=\"WatchJob\"";
      double before = metric(sent);
      double whole = all(watch(ann, work.jobId())).size() - 1;
      double toSlow = metric(sent) - whole;
      assertThat(whole).isGreaterThan(6);
      assertThat(before).isLessThanOrEqualTo(toSlow);
      assertThat(toSlow).isLessThan(whole / 2 + 1);
      assertThat(metric("milepost_watches_open ")).isEqualTo(1);
    }
    awaitWatches(0);
  }
}
