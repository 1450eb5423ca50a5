package dev.milepost.spring;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import java.util.LinkedHashMap;
import java.util.Map;

/** A server inside the application. */
public final class EmbeddedServer implements AutoCloseable {
  private static final String ROOT = "milepost.";
  private static final Map<String, String> DEFAULTS = Map.of("milepost.store", "memory:");

  private final MilepostServer server;

  private EmbeddedServer(MilepostServer server) {
    this.server = server;
  }

  /** Starts a server; the settings are named without "milepost.". */
  static EmbeddedServer start(Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
    settings.forEach((name, value) -> all.put(ROOT + name, value));
    return new EmbeddedServer(MilepostServer.start(Settings.isolated(all)));
  }

  /** Returns its address for clients of this machine, as "host:port". */
  public String target() {
    return "localhost:" + server.port();
  }

  /** Returns the URL of its HTTP port with the dashboard, or says why there is none. */
  public String http() {
    return server.http();
  }

  /** Drains and stops the server. */
  @Override
  public void close() {
    server.close();
  }
}
