package dev.milepost.server.access;

/** One kind of credential, such as API tokens. Thread-safe, never blocks. */
public interface CredentialKind {
  /** What a call must bring, for people: the end of "This server accepts". */
  String accepted();

  /** Whether a call brings a credential of this kind, be it good or bad. */
  boolean isPresent(CallMetadata call);

  /**
   * Returns the caller of a call with such a credential.
   *
   * @throws AccessException.Unauthenticated if the credential is invalid
   */
  Caller authenticate(CallMetadata call);

  /**
   * Looks again at a caller that this kind, or another, has let in. Its expiry is looked at
   * elsewhere.
   *
   * @throws AccessException.Unauthenticated if it would no longer be authenticated as the same
   *     caller
   */
  default void recheck(Caller caller) {}
}
