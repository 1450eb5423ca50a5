package dev.milepost.server.grpc;

import dev.milepost.server.transport.BytesInFlight;
import dev.milepost.server.transport.Connections;
import dev.milepost.server.transport.EventLoops;
import dev.milepost.server.transport.LocalCalls;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Serves the gRPC services on a network address, with every transport limit set explicitly: most of
 * gRPC's defaults are unlimited.
 *
 * <p>Calls run on the {@link EventLoops}; there is no other executor, and nothing blocks.
 */
public final class GrpcServer implements AutoCloseable {
  private static final int TERMINATION_TIMEOUT_SECONDS = 1;

  /** A free port of one address may be taken on another one. */
  private static final int MAX_FREE_PORTS = 10;

  private final GrpcServices services;
  private final ServerHealth health;
  private final OpenCalls calls;
  private final Duration drainTimeout;
  private final EventLoops loops = new EventLoops();
  private final LocalCalls local;
  private final List<InetSocketAddress> addresses;
  private final Function<InetSocketAddress, Server> builder;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile List<Server> servers = List.of();
  private volatile int port;

  /**
   * Creates a server without starting it.
   *
   * @param addresses at least one; all get the same port, also if it is 0: a free one
   * @param tls the server's identity; empty: plaintext
   * @param connections bounds the connections
   * @param bytes bounds what calls hold
   * @param limits sets the limits of connections
   * @param drainTimeout how long calls may take to finish when the server stops
   * @param outermost interceptors that see each call first and each response last
   */
  public GrpcServer(
      List<InetSocketAddress> addresses,
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
    this.addresses = List.copyOf(addresses);
    this.local =
        new LocalCalls(
            builder -> {
              services.addTo(builder);
              outermost.forEach(builder::intercept);
            },
            connections,
            bytes,
            loops.workers());
    this.builder =
        address -> {
          NettyServerBuilder one =
              NettyServerBuilder.forAddress(
                      address, tls.orElseGet(InsecureServerCredentials::create))
                  .channelFactory(connections.channels())
                  .addTransportFilter(connections)
                  .addStreamTracerFactory(bytes)
                  .bossEventLoopGroup(loops.acceptor())
                  .workerEventLoopGroup(loops.workers());
          limits.accept(one);
          services.addTo(one);
          outermost.forEach(one::intercept);
          return one.build();
        };
  }

  /**
   * Starts to serve.
   *
   * @throws IOException if an address cannot be bound
   */
  public void start() throws IOException {
    servers = bind();
    port = servers.get(0).getPort();
    local.start();
    health.begin();
  }

  private List<Server> bind() throws IOException {
    for (int attempt = 1; ; attempt++) {
      List<Server> bound = new ArrayList<>();
      try {
        for (InetSocketAddress address : addresses) {
          int port = bound.isEmpty() ? address.getPort() : bound.get(0).getPort();
          bound.add(builder.apply(new InetSocketAddress(address.getAddress(), port)).start());
        }
        return List.copyOf(bound);
      } catch (IOException e) {
        bound.forEach(Server::shutdownNow);
        boolean mayHelp = !bound.isEmpty() && addresses.get(0).getPort() == 0;
        if (!mayHelp || attempt == MAX_FREE_PORTS) {
          throw e;
        }
      }
    }
  }

  /** Returns the way to the services for clients that reach this process by another protocol. */
  public LocalCalls local() {
    return local;
  }

  /**
   * Returns the port of a server that was started, also if port 0 was configured, and after it has
   * stopped: what is written at the end names the server by it.
   */
  public int port() {
    return port;
  }

  /**
   * Drains the server: refuses new calls, ends streams so that clients resume elsewhere, and lets
   * calls in progress finish. Blocks.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
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
    servers.forEach(Server::shutdown);
    local.refuseNew();
    services.drain();
    try {
      calls.awaitNone(drainTimeout);
      // A call may arrive while the server announces its shutdown: it is answered, and its
      // connection closes by itself. What remains are calls that take too long, and streams that
      // never end, such as health watches.
      for (Server server : servers) {
        if (!server.awaitTermination(TERMINATION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
          server.shutdownNow().awaitTermination(TERMINATION_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
      }
      local.close();
    } catch (InterruptedException e) {
      local.close();
      servers.forEach(Server::shutdownNow);
      Thread.currentThread().interrupt();
    }
  }
}
