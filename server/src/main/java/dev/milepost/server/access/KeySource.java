package dev.milepost.server.access;

/** A source of JWT verification keys. Thread-safe; returns cached keys at once. */
interface KeySource {
  VerificationKeys keys();

  /** Requests a refresh, since a token names an unknown key that may have been published since. */
  default void missed() {}
}
