package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.Failure;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.server.metrics.MetricsPage;
import dev.milepost.server.store.RedisProcess;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What callers and operators see of a server whose store goes away and comes back. */
class StoreOutageTest {
  private final HttpClient http = HttpClient.newHttpClient();

  private HttpResponse<String> page(TestServer server, String path) {
    return page(URI.create(server.server().http()).resolve(path));
  }

  private HttpResponse<String> page(URI uri) {
    try {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anOutageIsSeenOnAllPagesAndEndsByItself() throws IOException {
    try (RedisProcess redis = RedisProcess.start(Map.of());
        TestServer server =
            TestServer.start(
                Map.of("milepost.store", redis.url(), "milepost.http.listen", "localhost:0"))) {
      server.client().create("a");
      HttpResponse<String> ready = page(server, "/health/ready");
      assertThat(ready.statusCode()).isEqualTo(200);
      assertThat(ready.body())
          .startsWith("{\"ready\":true,\"store\":{\"state\":\"up\",\"since\":\"")
          .contains("\"feed\":{\"state\":\"up\"", "\"disk\":{\"state\":\"ok\"");
      assertThat(health(server)).isEqualTo(ServingStatus.SERVING);

      redis.kill();
      await().atMost(Duration.ofSeconds(20)).until(() -> !isReady(server));
      Failure failure = Failure.of(() -> server.client().create("b"));
      assertThat(failure.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(failure.reason()).isEqualTo("STORE_UNAVAILABLE");
      assertThat(page(server, "/health/ready").body())
          .startsWith("{\"ready\":false,\"store\":{\"state\":\"down\",\"since\":\"")
          .contains("Redis cannot be reached");
      assertThat(page(server, "/health").statusCode()).isEqualTo(503);
      assertThat(page(server, "/health/live").statusCode()).isEqualTo(200);
      await().until(() -> health(server) == ServingStatus.NOT_SERVING);
      MetricsPage metrics = MetricsPage.read(server.server().http() + "/metrics");
      assertThat(metrics.value("milepost_store_up")).isZero();
      assertThat(metrics.value("milepost_ready")).isZero();
      assertThat(metrics.value("milepost_store_failed_updates_total")).isPositive();

      redis.start();
      await().atMost(Duration.ofSeconds(20)).until(() -> isReady(server));
      server.client().create("c");
      await().until(() -> health(server) == ServingStatus.SERVING);
      assertThat(MetricsPage.read(server.server().http() + "/metrics").value("milepost_store_up"))
          .isOne();
    }
  }

  private boolean isReady(TestServer server) {
    return page(server, "/health/ready").statusCode() == 200;
  }

  private static ServingStatus health(TestServer server) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", server.server().port()).usePlaintext().build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void pagesOfLocalhostAreOnBothFamiliesOfAddresses() throws IOException {
    try (TestServer server = TestServer.start(Map.of("milepost.http.listen", "localhost:0"))) {
      int port = URI.create(server.server().http()).getPort();
      assertThat(page(URI.create("http://127.0.0.1:" + port + "/health")).body()).isEqualTo("ok");
      if (NetworkInterface.getByInetAddress(InetAddress.getAllByName("::1")[0]) != null) {
        assertThat(page(URI.create("http://[::1]:" + port + "/health")).body()).isEqualTo("ok");
      }
    }
  }
}
