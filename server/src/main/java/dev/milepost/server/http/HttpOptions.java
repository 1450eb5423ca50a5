package dev.milepost.server.http;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;

/**
 * How HTTP is served.
 *
 * @param basePath what all paths begin with: empty, or a slash and more, without one at the end
 * @param allowedHosts names in lower case, without a port, by which clients may reach it beside
 *     {@code localhost} and addresses
 * @param allowedOrigins origins of other sites, in lower case, whose pages may call it
 * @param tls the server's identity; empty: plaintext
 * @param isProxied whether a proxy in front of it terminates TLS
 * @param maxHeaderBytes size of the headers of a request
 * @param maxStreams concurrent requests of one connection of HTTP/2
 * @param idle a connection on which nothing is sent or received is closed after this time
 */
public record HttpOptions(
    String basePath,
    Set<String> allowedHosts,
    Set<String> allowedOrigins,
    Optional<Tls> tls,
    boolean isProxied,
    int maxHeaderBytes,
    int maxStreams,
    Duration idle) {
  /** Copies the sets. */
  public HttpOptions {
    allowedHosts = Set.copyOf(allowedHosts);
    allowedOrigins = Set.copyOf(allowedOrigins);
  }

  /**
   * TLS.
   *
   * @param context with the server's certificate, and the authorities of clients
   * @param clients whether clients are asked for a certificate
   */
  public record Tls(SSLContext context, ClientCertificate clients) {}

  /** Whether clients are asked for a certificate. */
  public enum ClientCertificate {
    /** They are not. */
    NONE,
    /** They may have one. */
    OPTIONAL,
    /** They must have one. */
    REQUIRED
  }

  /** Returns whether a host of a request, in lower case, is one of the names. */
  boolean isAllowedHost(String host) {
    return allowedHosts.contains(host);
  }
}
