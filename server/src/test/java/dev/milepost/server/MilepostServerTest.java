package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embeds a server as its javadoc shows. */
class MilepostServerTest {
  @TempDir Path directory;

  private static Settings settings(String store, String listen) {
    Map<String, Object> values = new HashMap<>();
    values.put("milepost.store", store);
    values.put("milepost.listen", listen);
    values.put("milepost.http.listen", "off");
    return Settings.with(values);
  }

  @Test
  void localhostIsServedOnEveryFamilyOfAddresses() throws Exception {
    int port;
    try (MilepostServer server = MilepostServer.start(settings("memory:", "localhost:0"))) {
      port = server.port();
      requireServed(port);
    }
    try (MilepostServer server = MilepostServer.start(settings("memory:", "localhost:" + port))) {
      assertThat(server.port()).isEqualTo(port);
      requireServed(port);
    }
  }

  private static void requireServed(int port) throws IOException {
    for (String loopback : List.of("127.0.0.1", "::1")) {
      InetAddress address = InetAddress.getByName(loopback);
      boolean isServed = true;
      try (Socket socket = new Socket(address, port)) {
        assertThat(socket.isConnected()).isTrue();
      } catch (IOException e) {
        isServed = false;
      }
      assertThat(isServed)
          .as(loopback)
          .isEqualTo(NetworkInterface.getByInetAddress(address) != null);
    }
  }

  @Test
  void defaultsAreTheDocumentedOnes() {
    assertThat(Settings.defaults().listen().port()).isEqualTo(7300);
    assertThat(Settings.defaults()).isEqualTo(Settings.with(Map.of()));
  }

  @Test
  void servesOnTheReportedPortUntilItIsClosed() throws IOException {
    int port;
    try (MilepostServer server = MilepostServer.start(settings("memory:", "localhost:0"))) {
      port = server.port();
      assertThat(server.address().port()).isEqualTo(port);
      try (Socket connection = new Socket("localhost", port)) {
        assertThat(connection.isConnected()).isTrue();
      }
    }
    try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(free.isBound()).isTrue();
    }
  }

  @Test
  void partsCanBeReplaced() {
    SettableClock clock = new SettableClock();
    MemoryJobStore store = new MemoryJobStore(clock, 1000);
    AbstractModule overrides =
        new AbstractModule() {
          @Override
          protected void configure() {
            bind(JobStore.class).toInstance(store);
          }
        };
    try (store;
        MilepostServer server =
            MilepostServer.start(
                settings("sqlite:" + directory.resolve("unused.db"), "localhost:0"),
                clock,
                overrides)) {
      assertThat(server.storeInfo()).isEqualTo(store.info());
      assertThat(directory.resolve("unused.db")).doesNotExist();
    }
  }

  @Test
  void aServerThatCannotBindClosesItsStore() throws IOException {
    Path file = directory.resolve("jobs.db");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Settings settings = settings("sqlite:" + file, "127.0.0.1:" + taken.getLocalPort());
      assertThatThrownBy(() -> MilepostServer.start(settings, TimeSource.system()))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("--listen");
    }
    // An open store would hold the lock of its file.
    try (MilepostServer server = MilepostServer.start(settings("sqlite:" + file, "localhost:0"))) {
      assertThat(Files.exists(file)).isTrue();
      assertThat(server.port()).isPositive();
    }
  }
}
