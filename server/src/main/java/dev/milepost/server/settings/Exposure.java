package dev.milepost.server.settings;

import java.net.InetSocketAddress;

/** Whether the address may be served as it is set: nobody must get in, or be overheard. */
public final class Exposure {
  private Exposure() {}

  /**
   * The address to bind.
   *
   * @throws SettingsException where it must not be served so, in a sentence that says what to set
   */
  public static InetSocketAddress check(Settings settings) {
    InetSocketAddress address = settings.listen().resolve();
    boolean clientCertificates = settings.auth().certificates().isPresent();
    if (clientCertificates && settings.tls().clientCa().isEmpty()) {
      throw new SettingsException(
          "Client certificates need somebody who vouches for them: set milepost.tls.client-ca"
              + " beside milepost.auth.client-certificates.name.");
    }
    boolean development = settings.auth().development();
    if (development && settings.tls().terminatedElsewhere()) {
      throw new SettingsException(
          "Behind a proxy every call seems to come from this machine, so development credentials"
              + " are not believed there: set milepost.auth.tokens.file and"
              + " milepost.auth.development = off.");
    }
    if (address.getAddress().isLoopbackAddress()) {
      return address;
    }
    if (development) {
      throw new SettingsException(
          "Development credentials are believed, so Milepost listens on this machine only: use"
              + " --listen localhost:%d instead of %s, or set milepost.auth.tokens.file and have other"
                  .formatted(settings.listen().port(), settings.listen())
              + " credentials checked.");
    }
    if (settings.tls().identity().isEmpty() && !settings.tls().terminatedElsewhere()) {
      throw new SettingsException(
          "Tokens would cross the network in the clear, so Milepost does not listen on %s: set"
                  .formatted(settings.listen())
              + " milepost.tls.certificate and milepost.tls.key, or"
              + " milepost.tls.terminated-elsewhere = true where a proxy before it does TLS.");
    }
    return address;
  }
}
