package dev.milepost.client;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks the PEM files of a client, so that a wrong file is told when the client is built
 * and not by a failing handshake. Errors name the file and never quote a key.
 */
final class TlsFiles {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private TlsFiles() {}

  /**
   * Returns credentials that trust only the given certificates, and show the given one.
   *
   * @throws IllegalArgumentException if a file cannot be used
   */
  static ChannelCredentials credentials(
      @Nullable Path trusted, @Nullable Path certificate, @Nullable Path key) {
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    try {
      if (trusted != null) {
        byte[] pem = read("trust", trusted);
        certificates("trust", trusted, pem);
        tls.trustManager(new ByteArrayInputStream(pem));
      }
      if (certificate != null && key != null) {
        byte[] pem = read("clientCertificate", certificate);
        byte[] keyPem = read("clientCertificate", key);
        X509Certificate own = certificates("clientCertificate", certificate, pem);
        requireUnexpired(certificate, own);
        requirePair(
            certificate, own.getPublicKey(), key, new String(keyPem, StandardCharsets.US_ASCII));
        tls.keyManager(new ByteArrayInputStream(pem), new ByteArrayInputStream(keyPem));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read a certificate or key: " + e.getMessage(), e);
    }
    return tls.build();
  }

  private static byte[] read(String setting, Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw invalid(setting, file, "does not exist", e);
    } catch (AccessDeniedException e) {
      throw invalid(setting, file, "may not be read by this process", e);
    } catch (IOException e) {
      throw invalid(setting, file, "cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the first certificate. */
  private static X509Certificate certificates(String setting, Path file, byte[] pem) {
    Collection<? extends Certificate> all;
    try {
      all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
    } catch (CertificateException e) {
      throw invalid(setting, file, "is no PEM file of certificates", e);
    }
    return all.stream()
        .map(X509Certificate.class::cast)
        .findFirst()
        .orElseThrow(() -> invalid(setting, file, "holds no certificate", null));
  }

  private static void requireUnexpired(Path file, X509Certificate own) {
    try {
      own.checkValidity();
    } catch (CertificateExpiredException e) {
      throw invalid("clientCertificate", file, "expired on " + own.getNotAfter().toInstant(), e);
    } catch (CertificateNotYetValidException e) {
      // Clocks differ: the server decides.
    }
  }

  /** Signs something with the private key, and verifies it with the certificate's. */
  private static void requirePair(Path certificate, PublicKey own, Path key, String pem) {
    PrivateKey secret = privateKey(key, pem, own.getAlgorithm());
    String algorithm = signatures(own.getAlgorithm());
    boolean isPair = false;
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(secret);
      signature.update(own.getEncoded());
      byte[] signed = signature.sign();
      signature.initVerify(own);
      signature.update(own.getEncoded());
      isPair = signature.verify(signed);
    } catch (GeneralSecurityException e) {
      throw invalid("clientCertificate", key, "cannot be used with " + certificate, e);
    }
    if (!isPair) {
      throw invalid("clientCertificate", key, "is not the key of " + certificate, null);
    }
  }

  private static PrivateKey privateKey(Path file, String pem, String algorithm) {
    Matcher found = KEY.matcher(pem);
    if (!found.find()) {
      throw invalid(
          "clientCertificate",
          file,
          "holds no unencrypted PKCS #8 key (\"BEGIN PRIVATE KEY\")",
          null);
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(found.group(1));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw invalid("clientCertificate", file, "holds no key of the type " + algorithm, e);
    }
  }

  private static String signatures(String keyAlgorithm) {
    return switch (keyAlgorithm) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> keyAlgorithm;
    };
  }

  private static IllegalArgumentException invalid(
      String setting, Path file, String problem, @Nullable Exception cause) {
    return new IllegalArgumentException(setting + ": " + file + " " + problem, cause);
  }
}
