package dev.milepost.client;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Opens channels. */
final class Channels {
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  private Channels() {}

  /**
   * Calls go round all servers that are well, by the standard health service: one that drains is
   * left before it goes.
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
        throw new IllegalStateException("A certificate is of no use without TLS.");
      }
      channel = NettyChannelBuilder.forTarget(target, certificates(settings));
    } else {
      channel = NettyChannelBuilder.forTarget(target);
      boolean here = isThisMachine(settings.target);
      boolean tls = settings.tls == null ? !here : settings.tls;
      if (!tls && !here && settings.credentials instanceof BearerToken) {
        throw new IllegalStateException(
            "A token is not sent in the clear to another machine: use tls() or trust(file).");
      }
      if (tls) {
        channel.useTransportSecurity();
      } else {
        channel.usePlaintext();
      }
    }
    if (isSeveral(settings.target)) {
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
      throw new IllegalArgumentException("A certificate or key cannot be read.", e);
    }
    return tls.build();
  }

  /** Whether a target may stand for several servers: a list, or all addresses of a DNS name. */
  private static boolean isSeveral(String target) {
    return ServerList.isList(target)
        || target.startsWith(ServerListResolverProvider.SCHEME + ":")
        || target.startsWith("dns:");
  }

  /** Whether what is said to the target cannot leave this machine. */
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
