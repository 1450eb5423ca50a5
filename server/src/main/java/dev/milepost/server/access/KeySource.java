package dev.milepost.server.access;

/** Where the keys for JWTs come from. Thread-safe; answers at once, from what it has. */
interface KeySource {
  VerificationKeys keys();

  /** Somebody showed a token with a key that is not there: it may have come meanwhile. */
  default void missed() {}
}
