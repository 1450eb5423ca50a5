package dev.milepost.server.access;

/** Authenticates calls. Thread-safe, never blocks. */
public interface Authenticator {
  /**
   * Returns the caller.
   *
   * @throws AccessException.Unauthenticated if the credentials are missing or invalid
   */
  Caller authenticate(CallMetadata call);

  /**
   * Checks whether the credential of an open call is still valid.
   *
   * @throws AccessException.Unauthenticated if it has expired, was revoked or changed now
   */
  void recheck(Caller caller);
}
