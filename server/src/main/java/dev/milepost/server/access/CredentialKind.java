package dev.milepost.server.access;

/** One kind of credential, such as API tokens. Thread-safe, never blocks. */
public interface CredentialKind {
  /** Describes what a call must contain; completes the sentence "This server accepts". */
  String accepted();

  /** Returns whether a call contains a credential of this kind, valid or not. */
  boolean isPresent(CallMetadata call);

  /**
   * Returns the caller of a call with such a credential.
   *
   * @throws AccessException.Unauthenticated if the credential is invalid
   */
  Caller authenticate(CallMetadata call);

  /**
   * Returns whether authenticating a call takes long for this kind, such as the check of a
   * signature: false if the answer is known already.
   */
  default boolean isCostly(CallMetadata call) {
    return false;
  }

  /**
   * Identifies the credential of a call, valid or not, without revealing it: {@code token:4f1c...}.
   *
   * @throws AccessException.Unauthenticated if the call contradicts itself
   */
  String presented(CallMetadata call);

  /**
   * Checks again a caller that this kind, or another, has authenticated. The chain checks the
   * expiry.
   *
   * @throws AccessException.Unauthenticated if it would no longer be authenticated as the same
   *     caller
   */
  default void recheck(Caller caller) {}
}
