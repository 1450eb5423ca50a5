package dev.milepost.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** Opens channels. */
final class Connections {
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  private Connections() {}

  static ManagedChannel open(JobClientBuilder settings) {
    NettyChannelBuilder channel = NettyChannelBuilder.forTarget(settings.target);
    boolean tls = settings.tls == null ? !isThisMachine(settings.target) : settings.tls;
    if (tls) {
      channel.useTransportSecurity();
    } else {
      channel.usePlaintext();
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

  /** Whether what is said to the target cannot leave this machine. */
  static boolean isThisMachine(String target) {
    String address = target.substring(target.lastIndexOf('/') + 1);
    if (target.startsWith("unix:")) {
      return true;
    }
    return address.matches("(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d+)?");
  }
}
