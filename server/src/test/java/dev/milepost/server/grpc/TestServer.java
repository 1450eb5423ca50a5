package dev.milepost.server.grpc;

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

/** A real server on a free port, on a clock that stands still until it is moved. */
public final class TestServer implements AutoCloseable {
  private final MilepostServer server;
  private final SettableClock clock;
  private final List<ManagedChannel> channels = new ArrayList<>();

  private TestServer(MilepostServer server, SettableClock clock) {
    this.server = server;
    this.clock = clock;
  }

  /** On the memory store. */
  public static TestServer start() {
    return start(Map.of());
  }

  /** On a SQLite file. */
  public static TestServer on(Path file, SettableClock clock) {
    return start(Map.of("milepost.store", "sqlite:" + file), clock);
  }

  /** With settings of its own. */
  public static TestServer start(Map<String, Object> settings) {
    return start(settings, new SettableClock());
  }

  /** With settings of its own, on a clock that others share. */
  public static TestServer start(Map<String, Object> settings, SettableClock clock) {
    return new TestServer(MilepostServer.start(Settings.with(complete(settings)), clock), clock);
  }

  /** By the machine's clock. */
  public static TestServer inRealTime(Map<String, Object> settings) {
    return new TestServer(
        MilepostServer.start(Settings.with(complete(settings)), TimeSource.system()),
        new SettableClock());
  }

  private static Map<String, Object> complete(Map<String, Object> settings) {
    Map<String, Object> complete = new HashMap<>();
    complete.put("milepost.store", "memory:");
    complete.put("milepost.listen", "localhost:0");
    complete.put("milepost.metrics.address", "off");
    complete.put("milepost.upkeep.poll-interval", "10ms");
    complete.putAll(settings);
    return complete;
  }

  /** The server itself. */
  public MilepostServer server() {
    return server;
  }

  /** Its clock. */
  public SettableClock clock() {
    return clock;
  }

  /** Port that it listens on. */
  public int port() {
    return server.address().port();
  }

  /**
   * A client on a connection of its own: user ann of the default tenant, with the default roles.
   */
  public TestClient client() {
    return new TestClient(connect(port())).as("ann");
  }

  /** A connection to the server, or to what stands before it. */
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
