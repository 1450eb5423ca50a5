package dev.milepost.server.grpc;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The services on a network address, with every limit set on purpose: gRPC's own defaults leave
 * most of them open.
 *
 * <p>Nothing blocks on its threads, the {@link EventLoops}, and there is no other executor.
 */
public final class GrpcServer implements AutoCloseable {
  private static final int SETTLE_SECONDS = 1;

  private final MilepostServices services;
  private final ServerLimits limits;
  private final EventLoops loops = new EventLoops();
  private final Server server;

  /**
   * A server that is not started yet.
   *
   * @param tls how it proves who it is; empty: it speaks in the clear
   * @param outermost what every call passes before anything else, and every answer last
   */
  public GrpcServer(
      InetSocketAddress address,
      Optional<ServerCredentials> tls,
      MilepostServices services,
      ServerLimits limits,
      List<ServerInterceptor> outermost) {
    this.services = services;
    this.limits = limits;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address, tls.orElseGet(InsecureServerCredentials::create))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(loops.acceptor())
            .workerEventLoopGroup(loops.workers())
            .maxConcurrentCallsPerConnection(limits.callsPerConnection())
            .maxInboundMessageSize(limits.messageBytes())
            .maxInboundMetadataSize(limits.metadataBytes())
            .maxConnectionIdle(limits.connectionIdle().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionAge(limits.connectionAge().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionAgeGrace(limits.connectionAgeGrace().toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(limits.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(limits.clientKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveWithoutCalls(true)
            .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
            .maxRstFramesPerWindow(
                limits.resetsPerWindow(), (int) limits.resetWindow().toSeconds());
    services.addTo(builder);
    outermost.forEach(builder::intercept);
    this.server = builder.build();
  }

  /**
   * Begins to serve.
   *
   * @throws IOException where the address cannot be bound
   */
  public void start() throws IOException {
    server.start();
    services.serving();
  }

  /** Port that it listens on; of use where 0 was asked for. */
  public int port() {
    return server.getPort();
  }

  /**
   * Drains: refuses new calls, ends streams with the word to resume elsewhere, lets calls under way
   * finish. Blocks.
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
    services.notServing();
    server.shutdown();
    services.drain();
    try {
      services.awaitCalls(limits.drain());
      // A call may cross the word that no more are welcome: it is answered, and then its connection
      // ends by itself. What is left after that are calls that took too long, and those that only
      // look on, such as watches of the server's health.
      if (!server.awaitTermination(SETTLE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow().awaitTermination(SETTLE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
