package dev.milepost.client;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import java.nio.file.Path;
import java.util.Map;

/** The real server on a real socket, with a store that survives restarts. */
final class TestServer implements AutoCloseable {
  private final String store;
  private final String tasks;
  private MilepostServer server;

  private TestServer(String store, String tasks) {
    this.store = store;
    this.tasks = tasks;
    this.server = start(0);
  }

  static TestServer inMemory() {
    return new TestServer("memory:", "");
  }

  static TestServer durable(Path folder) {
    return new TestServer("sqlite:" + folder.resolve("jobs.db"), "");
  }

  static TestServer on(String store) {
    return new TestServer(store, "");
  }

  static TestServer withTasks(Path definitions) {
    return new TestServer("memory:", definitions.toString());
  }

  private MilepostServer start(int port) {
    return MilepostServer.start(
        Settings.with(
            Map.of(
                "milepost.store",
                store,
                "milepost.listen",
                "localhost:" + port,
                "milepost.tasks.file",
                tasks,
                "milepost.http.listen",
                "off",
                "milepost.limits.drain-timeout",
                "1s")));
  }

  String target() {
    return "localhost:" + port();
  }

  int port() {
    return server.address().port();
  }

  /** Stops and starts again on the same port. */
  void restart() {
    int port = port();
    server.close();
    server = start(port);
  }

  @Override
  public void close() {
    server.close();
  }
}
