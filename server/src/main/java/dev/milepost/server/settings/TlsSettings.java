package dev.milepost.server.settings;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the ports are secured.
 *
 * @param identity the server's certificate and key; empty: no TLS
 * @param clientCa certificate authorities of clients; empty: clients are not asked for certificates
 * @param clientCertificateRequired whether clients without a certificate are rejected
 * @param terminatedUpstream whether a proxy in front of the server terminates TLS
 */
public record TlsSettings(
    Optional<Identity> identity,
    Optional<Path> clientCa,
    boolean clientCertificateRequired,
    boolean terminatedUpstream) {

  /**
   * The server's identity; PEM files.
   *
   * @param certificate the certificate chain, the server's own certificate first
   * @param key the private key: PKCS #8, not encrypted
   */
  public record Identity(Path certificate, Path key) {}

  static TlsSettings of(Section config) {
    Optional<Path> certificate = config.file("certificate");
    Optional<Path> key = config.file("key");
    if (certificate.isPresent() != key.isPresent()) {
      throw new SettingsException(
          "TLS needs both a certificate and a key: set milepost.tls.certificate and"
              + " milepost.tls.key.");
    }
    Optional<Path> clientCa = config.file("client-ca");
    if (clientCa.isPresent() && certificate.isEmpty()) {
      throw new SettingsException(
          "The setting milepost.tls.client-ca needs TLS: set milepost.tls.certificate and"
              + " milepost.tls.key.");
    }
    boolean required =
        switch (config.string("client-certificate")) {
          case "required" -> true;
          case "optional" -> false;
          default -> throw config.invalid("client-certificate", "be optional or required");
        };
    return new TlsSettings(
        certificate.map(file -> new Identity(file, key.orElseThrow())),
        clientCa,
        required,
        config.flag("terminated-upstream"));
  }
}
