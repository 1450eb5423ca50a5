package dev.milepost.server.access;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The metadata of a call, chosen by a test. */
record ShownCall(
    Map<String, List<String>> all, boolean fromLoopback, List<X509Certificate> clientCertificates)
    implements CallMetadata {
  static ShownCall bearing(String token) {
    return new ShownCall(Map.of("authorization", List.of("Bearer " + token)), false, List.of());
  }

  static ShownCall from(X509Certificate certificate) {
    return new ShownCall(Map.of(), false, List.of(certificate));
  }

  /** A call from this machine with these headers: names and values in turn. */
  static ShownCall local(String... namesAndValues) {
    Map<String, List<String>> all = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      all.computeIfAbsent(namesAndValues[i], name -> new ArrayList<>()).add(namesAndValues[i + 1]);
    }
    return new ShownCall(all, true, List.of());
  }

  static ShownCall nothing() {
    return new ShownCall(Map.of(), false, List.of());
  }

  @Override
  public List<String> headers(String name) {
    return all.getOrDefault(name, List.of());
  }
}
