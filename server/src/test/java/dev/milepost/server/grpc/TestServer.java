package dev.milepost.server.grpc;

import com.google.inject.Module;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.store.SettableClock;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real server on a free port, on a clock that only tests advance. */
public final class TestServer implements AutoCloseable {
  private final MilepostServer server;
  private final SettableClock clock;
  private final List<ManagedChannel> channels = new ArrayList<>();

  private TestServer(MilepostServer server, SettableClock clock) {
    this.server = server;
    this.clock = clock;
  }

  /** Starts on the memory store. */
  public static TestServer start() {
    return start(Map.of());
  }

  /** Starts on a SQLite file. */
  public static TestServer on(Path file, SettableClock clock) {
    return start(Map.of("milepost.store", "sqlite:" + file), clock);
  }

  /** Starts with custom settings. */
  public static TestServer start(Map<String, Object> settings) {
    return start(settings, new SettableClock());
  }

  /** Starts with custom settings, on a shared clock. */
  public static TestServer start(Map<String, Object> settings, SettableClock clock) {
    return start(settings, clock, new Module[0]);
  }

  /** Starts with custom settings and parts, on a shared clock. */
  public static TestServer start(
      Map<String, Object> settings, SettableClock clock, Module... parts) {
    return new TestServer(
        MilepostServer.start(Settings.with(complete(settings)), clock, parts), clock);
  }

  /** Starts on the system clock. */
  public static TestServer inRealTime(Map<String, Object> settings) {
    return new TestServer(
        MilepostServer.start(Settings.with(complete(settings)), TimeSource.system()),
        new SettableClock());
  }

  private static Map<String, Object> complete(Map<String, Object> settings) {
    Map<String, Object> complete = new HashMap<>();
    complete.put("milepost.store", "memory:");
    complete.put("milepost.listen", "localhost:0");
    complete.put("milepost.http.listen", "off");
    complete.put("milepost.upkeep.poll-interval", "10ms");
    complete.putAll(settings);
    return complete;
  }

  /** Returns the server itself. */
  public MilepostServer server() {
    return server;
  }

  /** Returns its clock. */
  public SettableClock clock() {
    return clock;
  }

  /** Returns the port that it listens on. */
  public int port() {
    return server.address().port();
  }

  /** Returns a client on its own connection: user ann of the default tenant, with default roles. */
  public TestClient client() {
    return new TestClient(connect(port())).as("ann");
  }

  /** Returns a connection to the server, or to a proxy in front of it. */
  public ManagedChannel connect(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
    for (ManagedChannel channel : channels) {
      try {
        channel.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
