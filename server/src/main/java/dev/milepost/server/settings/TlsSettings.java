package dev.milepost.server.settings;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the port is secured.
 *
 * @param identity the server's certificate and key; empty: no TLS here
 * @param clientCa who vouches for clients' certificates; empty: none is asked for
 * @param clientCertificateRequired whether a client without one is turned away
 * @param terminatedElsewhere whether something before the server does TLS
 */
public record TlsSettings(
    Optional<Identity> identity,
    Optional<Path> clientCa,
    boolean clientCertificateRequired,
    boolean terminatedElsewhere) {

  /**
   * What the server proves itself with; PEM.
   *
   * @param certificate its certificate, followed by those that vouch for it
   * @param key its private key, PKCS #8 and not encrypted
   */
  public record Identity(Path certificate, Path key) {}

  static TlsSettings of(Config config) {
    Optional<Path> certificate = Settings.file(config, "certificate");
    Optional<Path> key = Settings.file(config, "key");
    if (certificate.isPresent() != key.isPresent()) {
      throw new SettingsException(
          "TLS needs both: set milepost.tls.certificate and milepost.tls.key.");
    }
    Optional<Path> clientCa = Settings.file(config, "client-ca");
    if (clientCa.isPresent() && certificate.isEmpty()) {
      throw new SettingsException(
          "The setting milepost.tls.client-ca needs TLS: set milepost.tls.certificate and"
              + " milepost.tls.key.");
    }
    boolean required =
        switch (config.getString("client-certificate")) {
          case "required" -> true;
          case "optional" -> false;
          default ->
              throw new SettingsException(
                  "The setting milepost.tls.client-certificate must be optional or required.");
        };
    return new TlsSettings(
        certificate.map(file -> new Identity(file, key.orElseThrow())),
        clientCa,
        required,
        config.getBoolean("terminated-elsewhere"));
  }
}
