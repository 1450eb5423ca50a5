package dev.milepost.server.settings;

import java.net.InetSocketAddress;
import java.util.List;

/** Checks that the settings expose the server neither to strangers nor to eavesdroppers. */
public final class Exposure {
  private Exposure() {}

  /**
   * Returns the address to bind. Blocks while its host is looked up.
   *
   * @throws SettingsException if it is not safe to serve it with these settings
   */
  public static InetSocketAddress check(Settings settings) {
    InetSocketAddress address = settings.listen().resolve();
    boolean clientCertificates = settings.auth().certificates().isPresent();
    if (clientCertificates && settings.tls().clientCa().isEmpty()) {
      throw new SettingsException(
          "Client certificates cannot be verified without a certificate authority: set"
              + " milepost.tls.client-ca as well as milepost.auth.client-certificates.name.");
    }
    boolean development = settings.auth().development();
    if (development && settings.tls().terminatedUpstream()) {
      throw new SettingsException(
          "Behind a proxy every call seems to come from this machine, so development credentials"
              + " cannot be allowed: set milepost.auth.tokens.file and milepost.auth.development ="
              + " off.");
    }
    if (address.getAddress().isLoopbackAddress()) {
      return address;
    }
    if (development) {
      throw refused(
          settings,
          "Development credentials are allowed, so Milepost listens on this machine only: use"
              + " --listen localhost:%d instead of %s, or set milepost.auth.tokens.file to require"
                  .formatted(settings.listen().port(), settings.listen())
              + " real credentials.");
    }
    if (settings.tls().identity().isEmpty() && !settings.tls().terminatedUpstream()) {
      throw refused(
          settings,
          "Tokens would cross the network unencrypted, so Milepost does not listen on %s: set"
                  .formatted(settings.listen())
              + " milepost.tls.certificate and milepost.tls.key, or"
              + " milepost.tls.terminated-upstream = true if a proxy in front of it terminates"
              + " TLS.");
    }
    return address;
  }

  /**
   * Returns the addresses to bind, which have one port: for {@code localhost} those of IPv4 and
   * IPv6 that this machine has, since clients try either first. Blocks.
   *
   * @throws SettingsException as {@link #check}
   */
  public static List<InetSocketAddress> addresses(Settings settings) {
    var unused = check(settings);
    return settings.listen().resolveAll();
  }

  private static SettingsException refused(Settings settings, String sentence) {
    return new SettingsException(sentence + settings.origins().setBy("milepost.listen"));
  }
}
