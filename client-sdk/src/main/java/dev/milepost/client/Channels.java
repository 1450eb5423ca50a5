package dev.milepost.client;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Opens gRPC channels as the client's settings say. */
final class Channels {
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  private Channels() {}

  /**
   * Makes gRPC use only the servers that the standard health service reports as serving, so that a
   * server that is shutting down is left in time.
   */
  private static final Map<String, ?> WATCH_HEALTH =
      Map.of("healthCheckConfig", Map.of("serviceName", ""));

  static ManagedChannel open(JobClientBuilder settings) {
    TransportLogs.leaveOutFrames();
    Target target = settings.target;
    NettyChannelBuilder channel;
    if (settings.trusted != null || settings.certificate != null) {
      if (Boolean.FALSE.equals(settings.tls)) {
        throw new IllegalStateException(
            "A certificate has no effect without TLS. Remove plaintext().");
      }
      channel = withCertificates(settings);
    } else {
      channel = NettyChannelBuilder.forTarget(target.grpc());
      boolean local = target.isThisMachine();
      boolean tls = !isPlaintext(settings);
      if (!tls && !local && settings.credentials instanceof BearerToken) {
        throw new IllegalStateException(
            "A token is never sent in the clear to another machine. Use tls() or trust(file).");
      }
      if (tls) {
        channel.useTransportSecurity();
      } else {
        channel.usePlaintext();
      }
    }
    if (target.mayBeSeveral()) {
      channel.defaultLoadBalancingPolicy("round_robin").defaultServiceConfig(WATCH_HEALTH);
    }
    if (settings.executor != null) {
      channel.executor(settings.executor);
    }
    channel
        .keepAliveTime(settings.keepAlive.toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(settings.maxInboundBytes);
    settings.channelSettings.accept(channel);
    try {
      return channel.build();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "target: gRPC cannot use \"" + target + "\": " + e.getMessage(), e);
    }
  }

  /** Whether connections are not encrypted; unless the builder says, those on this machine. */
  static boolean isPlaintext(JobClientBuilder settings) {
    if (settings.trusted != null || settings.certificate != null) {
      return false;
    }
    return settings.tls == null ? settings.target.isThisMachine() : !settings.tls;
  }

  private static NettyChannelBuilder withCertificates(JobClientBuilder settings) {
    ChannelCredentials credentials =
        TlsFiles.credentials(settings.trusted, settings.certificate, settings.key);
    try {
      return NettyChannelBuilder.forTarget(settings.target.grpc(), credentials);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "TLS cannot use the given certificates: " + e.getMessage(), e);
    }
  }
}
