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
   * Returns whether authenticating a call takes long, such as the check of a signature. Once it has
   * been authenticated or refused, it does not for a moment.
   */
  default boolean isCostly(CallMetadata call) {
    return false;
  }

  /**
   * Identifies the credential of a call that was refused, for the audit log: its kind, and an id or
   * a digest that does not reveal it. What it says is not proved.
   */
  default String presented(CallMetadata call) {
    return "unknown";
  }

  /**
   * Checks whether the credential of an open call is still valid.
   *
   * @throws AccessException.Unauthenticated if it has expired, was revoked or changed now
   */
  void recheck(Caller caller);
}
