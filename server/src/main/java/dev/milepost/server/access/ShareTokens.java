package dev.milepost.server.access;

import dev.milepost.server.job.JobKey;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Issues and authenticates share tokens: {@code authorization: Bearer mls_...}.
 *
 * <p>A token contains a job, a share and an expiry, sealed with the server's key. So a forged or
 * expired one is refused without a read, and its bearer cannot read the name of the tenant. What it
 * does not contain is whether the share was revoked: that is known where the job is read.
 */
public final class ShareTokens implements CredentialKind {
  /** Prefix of every token. */
  static final String PREFIX = "mls_";

  /** Enough for the longest names of a tenant and a job. */
  private static final int MAX_LENGTH = 4_096;

  private static final byte[] CONTEXT = "share".getBytes(StandardCharsets.US_ASCII);
  private static final String SEPARATOR = "\n";

  private final TokenSealer sealer;
  private final InstantSource clock;

  /**
   * Creates a kind with the key of a server, as for {@link TokenSealer}.
   *
   * @param clock tells which tokens have expired
   */
  public ShareTokens(byte[] key, InstantSource clock) {
    this.sealer = new TokenSealer(key, "share token");
    this.clock = clock;
  }

  /**
   * Returns the refusal of every share token that is not valid. It is the same for a job that
   * exists, one that was deleted and one that never was.
   */
  public static AccessException.Unauthenticated invalid() {
    return new AccessException.Unauthenticated(
        "This share token is not valid: it is unknown, has expired or was revoked. Ask for a new"
            + " one.");
  }

  /** Returns the token of a share. */
  public String issue(JobKey job, String shareId, Instant expireTime) {
    return PREFIX
        + sealer.seal(
            CONTEXT,
            String.join(
                SEPARATOR,
                job.tenantId(),
                job.jobId(),
                shareId,
                Long.toString(expireTime.toEpochMilli())));
  }

  @Override
  public String accepted() {
    return "a share token for the progress of one job (authorization: Bearer mls_...)";
  }

  @Override
  public boolean isPresent(CallMetadata call) {
    return Bearer.of(call).filter(token -> token.startsWith(PREFIX)).isPresent();
  }

  @Override
  public String presented(CallMetadata call) {
    return credentialId(Bearer.of(call).flatMap(this::open).map(Opened::shareId).orElse("unknown"));
  }

  @Override
  public Caller authenticate(CallMetadata call) {
    Opened token =
        Bearer.of(call)
            .flatMap(this::open)
            .filter(opened -> clock.instant().isBefore(opened.expireTime))
            .orElseThrow(ShareTokens::invalid);
    return new Caller(
        token.tenantId,
        // No credential of another kind has a user with a space in its name. Each share has limits
        // of its own, so that its bearers do not use up those of the user that created it.
        "share " + token.shareId,
        Set.of(),
        Optional.of(token.expireTime),
        credentialId(token.shareId),
        Optional.of(new SharedJob(token.jobId, token.shareId)));
  }

  private static String credentialId(String shareId) {
    return "share:" + shareId;
  }

  private Optional<Opened> open(String bearer) {
    return bearer.length() > MAX_LENGTH
        ? Optional.empty()
        : sealer.open(CONTEXT, bearer.substring(PREFIX.length())).flatMap(Opened::parse);
  }

  /** What a token contains. */
  private record Opened(String tenantId, String jobId, String shareId, Instant expireTime) {
    static Optional<Opened> parse(String content) {
      List<String> parts = List.of(content.split(SEPARATOR, -1));
      if (parts.size() != 4) {
        return Optional.empty();
      }
      try {
        Instant expireTime = Instant.ofEpochMilli(Long.parseLong(parts.get(3)));
        return Optional.of(new Opened(parts.get(0), parts.get(1), parts.get(2), expireTime));
      } catch (NumberFormatException | DateTimeException e) {
        return Optional.empty();
      }
    }
  }
}
