package dev.milepost.server.access;

/** One kind of credential, such as API tokens. Thread-safe, never blocks. */
public interface CredentialKind {
  /** What a call must bring, for people: the end of "This server accepts". */
  String accepted();

  /** Whether a call brings a credential of this kind, be it good or bad. */
  boolean isPresent(CallMetadata call);

  /**
   * Who makes a call that brings one.
   *
   * @throws AccessException.Unauthenticated where the credential proves nothing
   */
  Caller authenticate(CallMetadata call);

  /**
   * Looks again at a caller that this kind, or another, has let in. Its expiry is looked at
   * elsewhere.
   *
   * @throws AccessException.Unauthenticated where it would not be let in as the same any more
   */
  default void recheck(Caller caller) {}
}
