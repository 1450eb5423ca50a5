package dev.milepost.server.access;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Metadata of a call: headers, and facts about the connection. */
public interface CallMetadata {
  /** Header that carries tokens: {@code authorization: Bearer TOKEN}. */
  String AUTHORIZATION = "authorization";

  /** Returns a header by its lower-case name; the last value if it is repeated. */
  Optional<String> header(String name);

  /** Returns whether the client runs on this machine. */
  boolean fromLoopback();

  /** Returns the client's certificate chain as verified by the handshake; empty if it sent none. */
  default List<X509Certificate> clientCertificates() {
    return List.of();
  }
}
