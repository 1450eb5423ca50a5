package dev.milepost.client;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.util.Arrays;
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
    String target =
        ServerList.isList(settings.target)
            ? ServerList.of(settings.target).toTarget()
            : settings.target;
    NettyChannelBuilder channel;
    if (settings.trusted != null || settings.certificate != null) {
      if (Boolean.FALSE.equals(settings.tls)) {
        throw new IllegalStateException(
            "A certificate has no effect without TLS. Remove plaintext().");
      }
      channel = NettyChannelBuilder.forTarget(target, certificates(settings));
    } else {
      channel = NettyChannelBuilder.forTarget(target);
      boolean local = isThisMachine(settings.target);
      boolean tls = settings.tls == null ? !local : settings.tls;
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
    if (mayHaveSeveralServers(settings.target)) {
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
    return channel.build();
  }

  private static ChannelCredentials certificates(JobClientBuilder settings) {
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    try {
      if (settings.trusted != null) {
        tls.trustManager(settings.trusted.toFile());
      }
      if (settings.certificate != null && settings.key != null) {
        tls.keyManager(settings.certificate.toFile(), settings.key.toFile());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read a certificate or key: " + e.getMessage(), e);
    }
    return tls.build();
  }

  /** Whether a target may stand for several servers: a list, or all addresses of a DNS name. */
  private static boolean mayHaveSeveralServers(String target) {
    return ServerList.isList(target)
        || target.startsWith(ServerListResolverProvider.SCHEME + ":")
        || target.startsWith("dns:");
  }

  /** Whether all traffic to the target stays on this machine. */
  static boolean isThisMachine(String target) {
    if (target.contains(",")) {
      return Arrays.stream(target.split(",")).map(String::strip).allMatch(Channels::isThisMachine);
    }
    String address = target.substring(target.lastIndexOf('/') + 1);
    if (target.startsWith("unix:")) {
      return true;
    }
    return address.matches("(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d+)?");
  }
}
