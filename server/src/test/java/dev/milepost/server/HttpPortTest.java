package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.settings.HttpSettings;
import dev.milepost.server.settings.ListenAddress;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.StoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where the settings place the HTTP port, and whom they let in. */
class HttpPortTest {
  private static HttpSettings at(int port, boolean asked) {
    return new HttpSettings(
        Optional.of(new ListenAddress("127.0.0.1", port)),
        asked,
        "",
        Set.of(),
        Set.of(),
        Duration.ofSeconds(15));
  }

  private static ServerSocket take() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static HttpSettings with(String name, Object value) {
    return Settings.with(Map.of("milepost.http." + name, value)).http();
  }

  @Test
  void listensOnLoopbackByDefault() {
    HttpSettings usual = with("listen", "auto");
    assertThat(usual.listen()).hasValue(new ListenAddress("localhost", 7301));
    assertThat(usual.required()).isFalse();
    HttpSettings asked = with("listen", "0.0.0.0:9000");
    assertThat(asked.listen()).hasValue(new ListenAddress("0.0.0.0", 9000));
    assertThat(asked.required()).isTrue();
    assertThatThrownBy(() -> with("listen", "on"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("must be HOST:PORT");
  }

  @Test
  void offServesNothing() {
    try (HttpPort off = HttpPort.open(with("listen", "off"), false)) {
      assertThat(off.isOpen()).isFalse();
      assertThat(off.url()).isEqualTo("off");
    }
  }

  @Test
  void startsWithoutHttpIfTheDefaultAddressIsInUse() throws IOException {
    try (ServerSocket taken = take();
        HttpPort without = HttpPort.open(at(taken.getLocalPort(), false), false)) {
      assertThat(without.url()).contains("none", "127.0.0.1:" + taken.getLocalPort(), "in use");
      assertThat(without.isOpen()).isFalse();
    }
  }

  @Test
  void failsToStartIfARequestedAddressIsInUse() throws IOException {
    try (ServerSocket taken = take()) {
      assertThatThrownBy(() -> HttpPort.open(at(taken.getLocalPort(), true), false))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("--http-listen, or off")
          .hasMessageMatching("[^\\n]*[^.]\\.");
    }
  }

  @Test
  void saysWhenHttpIsServedAndWhenItCannotBe() {
    try (HttpPort off = HttpPort.open(with("listen", "off"), false);
        HttpPort served = HttpPort.open(at(0, true), false);
        HttpPort broken = HttpPort.open(at(0, true), false)) {
      assertThat(off.served()).isCompleted();
      assertThat(served.served()).isNotDone();
      served.serve(http -> {});
      assertThat(served.served()).isCompleted();
      broken.serve(
          http -> {
            throw new IllegalStateException("no threads");
          });
      assertThat(broken.served())
          .isCompletedExceptionally()
          .failsWithin(Duration.ZERO)
          .withThrowableThat()
          .withMessageContaining("no threads");
    }
  }

  @Test
  void aServerThatFailsToStartReleasesTheAddress() throws IOException {
    int free;
    try (ServerSocket socket = take()) {
      free = socket.getLocalPort();
    }
    Settings settings =
        Settings.with(
            Map.of(
                "milepost.store",
                "nonsense:",
                "milepost.listen",
                "localhost:0",
                "milepost.http.listen",
                "127.0.0.1:" + free));
    assertThatThrownBy(() -> MilepostServer.start(settings)).isInstanceOf(StoreException.class);
    HttpPort.open(at(free, true), false).close();
  }

  @Test
  void readsWhomItLetsIn() {
    assertThat(with("base-path", "/a/b").basePath()).isEqualTo("/a/b");
    assertThat(with("allowed-hosts", List.of("Jobs.Example.org")).allowedHosts())
        .containsExactly("jobs.example.org");
    assertThat(with("allowed-origins", List.of("https://Example.org:8443")).allowedOrigins())
        .containsExactly("https://example.org:8443");
    for (String path : List.of("a", "/", "/a/", "/a b", "/a//b")) {
      assertThatThrownBy(() -> with("base-path", path))
          .as(path)
          .hasMessageContaining("milepost.http.base-path must");
    }
    for (String host : List.of("example.org:80", "https://example.org", "*", "")) {
      assertThatThrownBy(() -> with("allowed-hosts", List.of(host)))
          .as(host)
          .hasMessageContaining("milepost.http.allowed-hosts must");
    }
    for (String origin : List.of("example.org", "https://example.org/", "null", "*", "")) {
      assertThatThrownBy(() -> with("allowed-origins", List.of(origin)))
          .as(origin)
          .hasMessageContaining("milepost.http.allowed-origins must");
    }
  }
}
