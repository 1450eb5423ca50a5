package dev.milepost.server.access;

/** Turns what comes with a call into who makes it. Thread-safe. */
@FunctionalInterface
public interface Authenticator {
  /**
   * Who makes the call.
   *
   * @throws AccessException.Unauthenticated where that is not proved
   */
  Caller authenticate(CallMetadata call);
}
