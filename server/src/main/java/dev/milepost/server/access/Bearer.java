package dev.milepost.server.access;

import java.util.Optional;

/** The header that carries tokens: {@code authorization: Bearer TOKEN}. */
final class Bearer {
  private static final String SCHEME = "bearer ";

  private Bearer() {}

  /** Returns the bearer token of a call; empty if it has none. */
  static Optional<String> of(CallMetadata call) {
    return call.header(CallMetadata.AUTHORIZATION)
        .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
        .map(value -> value.substring(SCHEME.length()).strip());
  }
}
