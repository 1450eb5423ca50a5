package dev.milepost.benchmarks.load;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One connection of one user, with its own thread, so that the responses of one user do not delay
 * those of another.
 */
public final class Connection implements AutoCloseable {
  private static final Metadata.Key<String> USER =
      Metadata.Key.of("x-milepost-user", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> ROLES =
      Metadata.Key.of("x-milepost-roles", Metadata.ASCII_STRING_MARSHALLER);

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ManagedChannel channel;

  /** Opens a connection of a user with the default roles. */
  public Connection(String address, String user) {
    this(address, user, "", channel -> {});
  }

  /**
   * Opens a connection of a user with additional roles.
   *
   * @param roles comma-separated names; empty: the default roles
   */
  public Connection(String address, String user, String roles) {
    this(address, user, roles, channel -> {});
  }

  /**
   * Opens a connection with other channel settings.
   *
   * @param settings applied last
   */
  public Connection(String address, String user, Consumer<NettyChannelBuilder> settings) {
    this(address, user, "", settings);
  }

  private Connection(
      String address, String user, String roles, Consumer<NettyChannelBuilder> settings) {
    Metadata headers = new Metadata();
    headers.put(USER, user);
    if (!roles.isEmpty()) {
      headers.put(ROLES, roles);
    }
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget(address)
            .usePlaintext()
            .directExecutor()
            .disableRetry()
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
    settings.accept(builder);
    this.channel = builder.build();
  }

  /** Opens two connections of different users: enough to load two cores. */
  public static List<Connection> some(String address) {
    return List.of(new Connection(address, "user-0"), new Connection(address, "user-1"));
  }

  /** The gRPC channel. */
  public ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    // Not awaited.
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
