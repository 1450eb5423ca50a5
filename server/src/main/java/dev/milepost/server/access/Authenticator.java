package dev.milepost.server.access;

/** Turns what comes with a call into who makes it. Thread-safe, never blocks. */
public interface Authenticator {
  /**
   * Who makes the call.
   *
   * @throws AccessException.Unauthenticated where that is not proved
   */
  Caller authenticate(CallMetadata call);

  /**
   * Looks again whether the credential of a call that goes on still counts.
   *
   * @throws AccessException.Unauthenticated where it has ended, is revoked, or says something else
   *     now
   */
  void recheck(Caller caller);
}
