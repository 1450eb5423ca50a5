package dev.milepost.server;

import dev.milepost.server.settings.Settings;
import dev.milepost.server.settings.SettingsException;
import dev.milepost.server.settings.TlsSettings;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificate and the certificate authorities of its clients. Both are reloaded when
 * their files change, for new connections. Invalid files, such as a certificate whose key has not
 * been replaced yet, are ignored.
 */
final class ServerIdentity {
  private static final Logger LOG = LoggerFactory.getLogger(ServerIdentity.class);

  private final TlsSettings settings;
  private final TlsSettings.Identity identity;
  private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
  private final Optional<AdvancedTlsX509TrustManager> trust;
  private List<String> seen = List.of();
  private volatile Instant expiry = Instant.MAX;

  private ServerIdentity(TlsSettings settings, TlsSettings.Identity identity)
      throws IOException, GeneralSecurityException {
    this.settings = settings;
    this.identity = identity;
    this.trust =
        settings.clientCa().isPresent()
            ? Optional.of(AdvancedTlsX509TrustManager.newBuilder().build())
            : Optional.empty();
    load();
  }

  /**
   * Reads the files; empty if TLS is off.
   *
   * @throws SettingsException if they are invalid
   */
  static Optional<ServerIdentity> of(Settings settings) {
    return settings.tls().identity().map(identity -> open(settings, identity));
  }

  private static ServerIdentity open(Settings settings, TlsSettings.Identity identity) {
    try {
      return new ServerIdentity(settings.tls(), identity);
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new SettingsException(
          "TLS cannot be used: %s must hold a certificate and %s its key, both PEM, the key PKCS #8 and not encrypted%s."
                  .formatted(
                      identity.certificate().toAbsolutePath(),
                      identity.key().toAbsolutePath(),
                      settings
                          .tls()
                          .clientCa()
                          .map(ca -> ", and " + ca + " certificates")
                          .orElse(""))
              + settings.origins().setBy("milepost.tls.certificate"));
    }
  }

  ServerCredentials credentials() {
    TlsServerCredentials.Builder tls = TlsServerCredentials.newBuilder().keyManager(keys);
    if (trust.isPresent()) {
      tls.trustManager(trust.get())
          .clientAuth(
              settings.clientCertificateRequired()
                  ? TlsServerCredentials.ClientAuth.REQUIRE
                  : TlsServerCredentials.ClientAuth.OPTIONAL);
    }
    return tls.build();
  }

  /** Returns a context with the same certificates, which are reloaded too. */
  SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {keys},
          trust.map(clients -> new TrustManager[] {clients}).orElse(null),
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java runtime has no TLS.", e);
    }
  }

  /** Returns when the first certificate of the chain in use expires. */
  Instant expiry() {
    return expiry;
  }

  /** Reloads the files if they have changed. Blocks. */
  void reload() {
    List<String> before = seen;
    try {
      if (load()) {
        LOG.info("The TLS certificates were reloaded.");
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // Does not log the cause, which might quote a key.
      if (!seen.equals(before)) {
        LOG.warn("The TLS certificates or key are invalid; the previous ones stay in use.");
      }
    }
  }

  private boolean load() throws IOException, GeneralSecurityException {
    // Compares contents rather than file times, which can be wrong; the files are small.
    List<String> now = new ArrayList<>();
    now.add(Files.readString(identity.certificate(), StandardCharsets.ISO_8859_1));
    now.add(Files.readString(identity.key(), StandardCharsets.ISO_8859_1));
    if (settings.clientCa().isPresent()) {
      now.add(Files.readString(settings.clientCa().get(), StandardCharsets.ISO_8859_1));
    }
    if (now.equals(seen)) {
      return false;
    }
    seen = List.copyOf(now);
    X509Certificate[] chain = certificates(now.get(0));
    PrivateKey key = CertificateUtils.getPrivateKey(stream(now.get(1)));
    requirePair(chain[0], key);
    if (trust.isPresent()) {
      trust.get().updateTrustCredentials(certificates(now.get(2)));
    }
    keys.updateIdentityCredentials(chain, key);
    expiry =
        Arrays.stream(chain)
            .map(certificate -> certificate.getNotAfter().toInstant())
            .min(Instant::compareTo)
            .orElseThrow();
    return true;
  }

  private static X509Certificate[] certificates(String pem)
      throws IOException, GeneralSecurityException {
    X509Certificate[] certificates = CertificateUtils.getX509Certificates(stream(pem));
    if (certificates.length == 0) {
      throw new GeneralSecurityException("no certificate");
    }
    return certificates;
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void requirePair(X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> throw new GeneralSecurityException("neither an RSA nor an EC key");
        };
    byte[] something = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(something);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(something);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("the key of another certificate");
    }
  }
}
