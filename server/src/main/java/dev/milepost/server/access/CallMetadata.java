package dev.milepost.server.access;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** What comes with a call besides its request. */
public interface CallMetadata {
  /** Header that carries tokens: {@code authorization: Bearer TOKEN}. */
  String AUTHORIZATION = "authorization";

  /** A header by its name in lower case; the last where it is repeated. */
  Optional<String> header(String name);

  /** Whether the other end of the connection is on this very machine. */
  boolean fromLoopback();

  /**
   * The client's certificate and those that vouch for it, as the handshake has verified them; empty
   * where it showed none.
   */
  default List<X509Certificate> clientCertificates() {
    return List.of();
  }
}
