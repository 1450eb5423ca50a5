package dev.milepost.server.access;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Authenticates API tokens: {@code authorization: Bearer mlp_ID_SECRET}. */
public final class ApiTokens implements CredentialKind {
  /** Compared with an unknown token, so that it takes as long as a known one. */
  private static final ApiToken DUMMY =
      ApiToken.issue("-", "-", Set.of(Role.USER), Instant.EPOCH, Instant.EPOCH).token();

  private final ReloadedFile<Map<String, ApiToken>> tokens;
  private final InstantSource clock;
  private final TokenChanges changes;

  /**
   * Creates a kind that accepts the tokens of a file.
   *
   * @param changes notified of what each reload finds changed
   * @throws CredentialSetupException if the file is damaged
   */
  public ApiTokens(Path file, InstantSource clock, TokenChanges changes) {
    this.tokens = new ReloadedFile<>(file, "token file", Map.of(), TokenFile::parse);
    this.clock = clock;
    this.changes = changes;
  }

  /** Reloads the file if it has changed. Blocks: not for threads that serve calls. */
  public void reload() {
    Map<String, ApiToken> before = tokens.value();
    tokens.poll();
    Map<String, ApiToken> after = tokens.value();
    if (after != before) {
      changes.compare(before, after);
    }
  }

  @Override
  public String accepted() {
    return "an API token (authorization: Bearer mlp_...)";
  }

  @Override
  public boolean isPresent(CallMetadata call) {
    return Bearer.of(call).filter(token -> token.startsWith(ApiToken.PREFIX)).isPresent();
  }

  @Override
  public String presented(CallMetadata call) {
    return ApiToken.credentialId(
        Bearer.of(call).flatMap(ApiToken.Shown::parse).map(ApiToken.Shown::id).orElse("malformed"));
  }

  @Override
  public Caller authenticate(CallMetadata call) {
    Optional<ApiToken.Shown> shown = Bearer.of(call).flatMap(ApiToken.Shown::parse);
    Optional<ApiToken> known =
        shown.flatMap(parts -> Optional.ofNullable(tokens.value().get(parts.id())));
    String secret = shown.map(ApiToken.Shown::secret).orElse("");
    ApiToken token = known.orElse(DUMMY);
    if (!token.matches(secret) || known.isEmpty()) {
      throw new AccessException.Unauthenticated("This API token is unknown.");
    }
    // Reveal the reason only to a caller that has the secret.
    if (token.revoked()) {
      throw new AccessException.Unauthenticated("This API token is revoked.");
    }
    if (!clock.instant().isBefore(token.expireTime())) {
      throw new AccessException.Unauthenticated("This API token has expired.");
    }
    return token.caller();
  }

  @Override
  public void recheck(Caller caller) {
    if (!caller.credentialId().startsWith(ApiToken.credentialId(""))) {
      return;
    }
    String id = caller.credentialId().substring(ApiToken.credentialId("").length());
    ApiToken token = tokens.value().get(id);
    if (token == null || token.revoked()) {
      throw new AccessException.Unauthenticated("The API token of this call is revoked.");
    }
    if (!token.caller().equals(caller)) {
      throw new AccessException.Unauthenticated(
          "The API token of this call has changed. Call again.");
    }
  }
}
