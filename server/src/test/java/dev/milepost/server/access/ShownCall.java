package dev.milepost.server.access;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The metadata of a call, chosen by a test. */
record ShownCall(
    Map<String, String> headers, boolean fromLoopback, List<X509Certificate> clientCertificates)
    implements CallMetadata {
  static ShownCall bearing(String token) {
    return new ShownCall(Map.of("authorization", "Bearer " + token), false, List.of());
  }

  static ShownCall from(X509Certificate certificate) {
    return new ShownCall(Map.of(), false, List.of(certificate));
  }

  static ShownCall nothing() {
    return new ShownCall(Map.of(), false, List.of());
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }
}
