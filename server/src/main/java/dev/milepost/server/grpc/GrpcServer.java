package dev.milepost.server.grpc;

import dev.milepost.server.transport.BytesInFlight;
import dev.milepost.server.transport.Connections;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Serves the gRPC services on a network address, with every transport limit set explicitly: most of
 * gRPC's defaults are unlimited.
 *
 * <p>Calls run on the {@link EventLoops}; there is no other executor, and nothing blocks.
 */
public final class GrpcServer implements AutoCloseable {
  private static final int TERMINATION_TIMEOUT_SECONDS = 1;

  private final GrpcServices services;
  private final ServerHealth health;
  private final OpenCalls calls;
  private final Duration drainTimeout;
  private final EventLoops loops = new EventLoops();
  private final Server server;

  /**
   * Creates a server without starting it.
   *
   * @param tls the server's identity; empty: plaintext
   * @param connections bounds the connections
   * @param bytes bounds what calls hold
   * @param limits sets the limits of connections
   * @param drainTimeout how long calls may take to finish when the server stops
   * @param outermost interceptors that see each call first and each response last
   */
  public GrpcServer(
      InetSocketAddress address,
      Optional<ServerCredentials> tls,
      GrpcServices services,
      ServerHealth health,
      OpenCalls calls,
      Connections connections,
      BytesInFlight bytes,
      Consumer<NettyServerBuilder> limits,
      Duration drainTimeout,
      List<ServerInterceptor> outermost) {
    this.services = services;
    this.health = health;
    this.calls = calls;
    this.drainTimeout = drainTimeout;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address, tls.orElseGet(InsecureServerCredentials::create))
            .channelFactory(connections.channels())
            .addTransportFilter(connections)
            .addStreamTracerFactory(bytes)
            .bossEventLoopGroup(loops.acceptor())
            .workerEventLoopGroup(loops.workers());
    limits.accept(builder);
    services.addTo(builder);
    outermost.forEach(builder::intercept);
    this.server = builder.build();
  }

  /**
   * Starts to serve.
   *
   * @throws IOException if the address cannot be bound
   */
  public void start() throws IOException {
    server.start();
    health.begin();
  }

  /** Returns the port, also if port 0 was configured. */
  public int port() {
    return server.getPort();
  }

  /**
   * Drains the server: refuses new calls, ends streams so that clients resume elsewhere, and lets
   * calls in progress finish. Blocks.
   */
  @Override
  public void close() {
    if (server.isShutdown()) {
      return;
    }
    try {
      drain();
    } finally {
      loops.close();
    }
  }

  private void drain() {
    health.end();
    server.shutdown();
    services.drain();
    try {
      calls.awaitNone(drainTimeout);
      // A call may arrive while the server announces its shutdown: it is answered, and its
      // connection closes by itself. What remains are calls that take too long, and streams that
      // never end, such as health watches.
      if (!server.awaitTermination(TERMINATION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow().awaitTermination(TERMINATION_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
