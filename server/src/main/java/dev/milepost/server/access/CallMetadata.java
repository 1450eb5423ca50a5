package dev.milepost.server.access;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Metadata of a call: headers, and facts about the connection. */
public interface CallMetadata {
  /** Header that carries tokens: {@code authorization: Bearer TOKEN}. */
  String AUTHORIZATION = "authorization";

  /** Returns every value of a header, in their order, by its lower-case name. */
  List<String> headers(String name);

  /**
   * Returns a header by its lower-case name.
   *
   * @throws AccessException.Unauthenticated if it is repeated
   */
  default Optional<String> header(String name) {
    List<String> values = headers(name);
    if (values.size() > 1) {
      throw IdentityHeaders.repeated(name);
    }
    return values.stream().findFirst();
  }

  /** Returns whether the client runs on this machine. */
  boolean fromLoopback();

  /** Returns the client's certificate chain as verified by the handshake; empty if it sent none. */
  default List<X509Certificate> clientCertificates() {
    return List.of();
  }
}
