package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.settings.ListenAddress;
import dev.milepost.server.settings.MetricsSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.upkeep.TickObserver;
import dev.milepost.server.watch.WatchObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where the settings place the metrics page. */
class MeteringTest {
  private static MetricsSettings at(int port, boolean asked) {
    return new MetricsSettings(Optional.of(new ListenAddress("127.0.0.1", port)), asked);
  }

  private static ServerSocket take() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @Test
  void servesThePageOnLoopbackByDefault() {
    MetricsSettings usual = Settings.with(Map.of("milepost.metrics.address", "auto")).metrics();
    assertThat(usual.address()).hasValue(new ListenAddress("localhost", 7301));
    assertThat(usual.required()).isFalse();
    MetricsSettings asked =
        Settings.with(Map.of("milepost.metrics.address", "0.0.0.0:9000")).metrics();
    assertThat(asked.address()).hasValue(new ListenAddress("0.0.0.0", 9000));
    assertThat(asked.required()).isTrue();
    assertThatThrownBy(() -> Settings.with(Map.of("milepost.metrics.address", "on")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("must be HOST:PORT");
  }

  @Test
  void offMeasuresNothing() {
    try (Metering off = Metering.open(metricsAt("off"))) {
      assertThat(off.whereabouts()).isEqualTo("off");
      assertThat(off.calls()).isEmpty();
      assertThat(off.services()).isSameAs(ServiceObserver.NONE);
      assertThat(off.commits()).isSameAs(CommitObserver.NONE);
      assertThat(off.watches()).isSameAs(WatchObserver.NONE);
      assertThat(off.ticks()).isSameAs(TickObserver.NONE);
    }
  }

  @Test
  void startsWithoutThePageIfTheDefaultAddressIsInUse() throws IOException {
    try (ServerSocket taken = take();
        Metering without = Metering.open(at(taken.getLocalPort(), false))) {
      assertThat(without.whereabouts())
          .contains("none", "127.0.0.1:" + taken.getLocalPort(), "in use");
      assertThat(without.calls()).isEmpty();
    }
  }

  @Test
  void failsToStartIfARequestedAddressIsInUse() throws IOException {
    try (ServerSocket taken = take()) {
      assertThatThrownBy(() -> Metering.open(at(taken.getLocalPort(), true)))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("--metrics-address, or off")
          .hasMessageMatching("[^\\n]*[^.]\\.");
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
                "milepost.metrics.address",
                "127.0.0.1:" + free));
    assertThatThrownBy(() -> MilepostServer.start(settings)).isInstanceOf(StoreException.class);
    Metering.open(at(free, true)).close();
  }

  private static MetricsSettings metricsAt(String address) {
    return Settings.with(Map.of("milepost.metrics.address", address)).metrics();
  }
}
