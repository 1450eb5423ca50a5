package dev.milepost.server.access;

/** A source of JWT verification keys. Thread-safe; returns cached keys at once. */
interface KeySource {
  VerificationKeys keys();

  /** Somebody showed a token with a key that is not there: it may have come meanwhile. */
  default void missed() {}
}
