package dev.milepost.server.http.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.grpc.TestServer;
import dev.milepost.server.http.transcode.TestRoutes;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every route leads to its RPC, which answers through the interceptors of all calls. */
class EveryRouteTest {
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(Map.of("milepost.http.listen", "localhost:0"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<Stream<String>> call(ApiClient client, TestRoutes.Call call) {
    var request = client.request(call.path());
    if (call.hasBody()) {
      request.header(
          "content-type", call.streamsRequests() ? "application/x-ndjson" : "application/json");
    }
    return client.open(
        request.method(
            call.verb(), call.hasBody() ? BodyPublishers.ofString("{}") : BodyPublishers.noBody()));
  }

  @TestFactory
  Stream<DynamicTest> isCalled() {
    ApiClient admin = ApiClient.of(server).with("x-milepost-roles", "ADMIN");
    return TestRoutes.calls()
        .map(
            call ->
                DynamicTest.dynamicTest(
                    call.verb() + " " + call.path(),
                    () -> {
                      HttpResponse<Stream<String>> answer = call(admin, call);
                      // Streams of this server's own jobs do not end by themselves.
                      answer.body().close();
                      assertThat(answer.headers().firstValue("x-request-id"))
                          .as("%s", answer)
                          .isPresent();
                      assertThat(answer.statusCode()).isNotIn(401, 405, 500, 501);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> requiresACredential() {
    ApiClient nobody = new ApiClient(server.server().http(), ApiClient.of(server).http());
    return TestRoutes.calls()
        .map(
            call ->
                DynamicTest.dynamicTest(
                    call.verb() + " " + call.path(),
                    () -> {
                      HttpResponse<Stream<String>> answer = call(nobody, call);
                      assertThat(answer.statusCode()).isEqualTo(401);
                      assertThat(answer.headers().firstValue("www-authenticate")).isPresent();
                      assertThat(answer.body().reduce("", String::concat))
                          .contains("\"status\":\"UNAUTHENTICATED\"");
                    }));
  }
}
