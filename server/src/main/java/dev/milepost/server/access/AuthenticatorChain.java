package dev.milepost.server.access;

import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Accepts several kinds of credentials. The first kind that a call contains decides: an invalid
 * token is rejected even if the call has another, valid credential.
 */
public final class AuthenticatorChain implements Authenticator {
  private final List<CredentialKind> kinds;
  private final InstantSource clock;
  private final SharedCallers callers = new SharedCallers();

  /** Creates a chain that checks the kinds in this order. */
  public AuthenticatorChain(List<? extends CredentialKind> kinds, InstantSource clock) {
    this.kinds = List.copyOf(kinds);
    this.clock = clock;
  }

  @Override
  public Caller authenticate(CallMetadata call) {
    for (CredentialKind kind : kinds) {
      if (kind.isPresent(call)) {
        return callers.shared(kind.authenticate(call));
      }
    }
    throw new AccessException.Unauthenticated(
        "The call has no credentials. This server accepts "
            + kinds.stream().map(CredentialKind::accepted).collect(Collectors.joining("; or "))
            + ".");
  }

  @Override
  public boolean isCostly(CallMetadata call) {
    for (CredentialKind kind : kinds) {
      if (kind.isPresent(call)) {
        return kind.isCostly(call);
      }
    }
    return false;
  }

  @Override
  public String presented(CallMetadata call) {
    try {
      for (CredentialKind kind : kinds) {
        if (kind.isPresent(call)) {
          return kind.presented(call);
        }
      }
      return "none";
    } catch (AccessException.Unauthenticated e) {
      return "ambiguous"; // Such as a header that is repeated.
    }
  }

  @Override
  public void recheck(Caller caller) {
    if (caller.expireTime().isPresent()
        && !clock.instant().isBefore(caller.expireTime().orElseThrow())) {
      throw new AccessException.Unauthenticated(
          "The credential of this call has expired. Call again with a new one.");
    }
    kinds.forEach(kind -> kind.recheck(caller));
  }
}
