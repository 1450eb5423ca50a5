package dev.milepost.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.Names;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates JWTs of a trusted issuer: {@code authorization: Bearer JWT}, signed with RS256,
 * ES256, EdDSA (Ed25519), or HS256 if a secret is configured.
 */
public final class JwtTokens implements CredentialKind, AutoCloseable {
  /** More than servers accept as headers by default. */
  private static final int MAX_LENGTH = 64 * 1024;

  private final JwtOptions options;
  private final KeySource source;
  private final InstantSource clock;
  private final Runnable reload;
  private final Runnable close;
  private final TokenVerdicts verdicts = new TokenVerdicts();

  private JwtTokens(
      JwtOptions options, KeySource source, InstantSource clock, Runnable reload, Runnable close) {
    this.options = options;
    this.source = source;
    this.clock = clock;
    this.reload = reload;
    this.close = close;
  }

  /**
   * Creates a kind that verifies with the keys of a file.
   *
   * @throws CredentialSetupException if the file is damaged or missing
   */
  public static JwtTokens fromFile(JwtOptions options, Path jwks, InstantSource clock) {
    if (!Files.isReadable(jwks)) {
      throw new CredentialSetupException(
          "The key file " + jwks + " cannot be read: milepost.auth.jwt.jwks-file must name one.");
    }
    ReloadedFile<VerificationKeys> file =
        new ReloadedFile<>(jwks, "key file", VerificationKeys.none(), VerificationKeys::parse);
    return new JwtTokens(options, file::value, clock, file::poll, () -> {});
  }

  /**
   * Creates a kind that verifies with the keys at a URL. Blocks until they are fetched, with a
   * timeout of a few seconds.
   *
   * @param interval how often they are fetched
   * @param minInterval minimum time between two fetches if a token names an unknown key
   */
  public static JwtTokens fromUrl(
      JwtOptions options, URI jwks, Duration interval, Duration minInterval, TimeSource time) {
    KeyUrl url = new KeyUrl(jwks, interval, minInterval, time);
    return new JwtTokens(options, url, time, () -> {}, url::close);
  }

  /**
   * Creates a kind that verifies with a secret shared with the issuer.
   *
   * @throws CredentialSetupException if the secret is too short
   */
  public static JwtTokens fromSecret(JwtOptions options, byte[] secret, InstantSource clock) {
    VerificationKeys keys = VerificationKeys.ofSecret(secret);
    return from(options, () -> keys, clock);
  }

  /** Creates a kind that verifies with keys of any source. */
  static JwtTokens from(JwtOptions options, KeySource keys, InstantSource clock) {
    return new JwtTokens(options, keys, clock, () -> {}, () -> {});
  }

  /** Reloads a key file if it has changed. Blocks: not for threads that serve calls. */
  public void reload() {
    reload.run();
  }

  @Override
  public void close() {
    close.run();
  }

  @Override
  public String accepted() {
    return "a JWT of " + options.issuer() + " (authorization: Bearer ...)";
  }

  @Override
  public boolean isPresent(CallMetadata call) {
    return Bearer.of(call)
        .filter(
            token -> !token.startsWith(ApiToken.PREFIX) && !token.startsWith(ShareTokens.PREFIX))
        .isPresent();
  }

  @Override
  public boolean isCostly(CallMetadata call) {
    String bearer = Bearer.of(call).orElse("");
    return bearer.length() <= MAX_LENGTH
        && !verdicts.knows(TokenVerdicts.Digest.of(bearer), source.keys(), clock.instant());
  }

  @Override
  public String presented(CallMetadata call) {
    return digestId(TokenVerdicts.Digest.of(Bearer.of(call).orElse("")));
  }

  /** Identifies a token by its SHA-256 digest, of which nothing can be guessed. */
  private static String digestId(TokenVerdicts.Digest digest) {
    return "jwt:sha256-" + HexFormat.of().toHexDigits(digest.first());
  }

  @Override
  public Caller authenticate(CallMetadata call) {
    String bearer = Bearer.of(call).orElse("");
    if (bearer.length() > MAX_LENGTH) {
      throw refused("it is too long");
    }
    VerificationKeys keys = source.keys();
    Instant now = clock.instant();
    TokenVerdicts.Digest digest = TokenVerdicts.Digest.of(bearer);
    Optional<Caller> known = verdicts.find(digest, keys, now);
    if (known.isPresent()) {
      return known.get();
    }
    try {
      Caller caller = checked(bearer, keys, digest);
      verdicts.accept(digest, keys, caller, now);
      return caller;
    } catch (AccessException.Unauthenticated e) {
      verdicts.refuse(digest, keys, e.getMessage(), now);
      throw e;
    }
  }

  private Caller checked(String bearer, VerificationKeys keys, TokenVerdicts.Digest digest) {
    // Rejects unsigned ("alg": "none") and encrypted tokens.
    SignedJWT token = parsed(() -> SignedJWT.parse(bearer));
    verify(token, keys);
    Map<String, Object> claims = parsed(() -> token.getPayload().toJSONObject());
    return caller(claims, parsed(token::getJWTClaimsSet), digest);
  }

  /** The parser also throws unchecked exceptions, or returns null, if JSON is not an object. */
  private static <T> T parsed(Parsing<T> part) {
    try {
      T found = part.parse();
      if (found != null) {
        return found;
      }
    } catch (AccessException e) {
      throw e;
    } catch (ParseException | RuntimeException e) {
      // What it quotes is the caller's.
    }
    throw refused("it is malformed or not signed");
  }

  private void verify(SignedJWT token, VerificationKeys keys) {
    JWSHeader header = token.getHeader();
    if (header.getCriticalParams() != null) {
      throw refused("it has unknown critical headers");
    }
    if (!isAccepted(header.getType())) {
      throw refused("its type (typ) must be one of " + new TreeSet<>(options.types()));
    }
    Optional<VerificationKeys.Check> check = keys.find(header);
    if (check.isEmpty()) {
      if (!keys.knows(header.getKeyID())) {
        source.missed();
      }
      throw refused("there is no key for its algorithm and key id");
    }
    try {
      if (!check.get().verify(header, token.getSigningInput(), token.getSignature())) {
        throw refused("its signature is wrong");
      }
    } catch (JOSEException e) {
      throw refused("its signature cannot be checked");
    }
  }

  /** Returns whether a type is accepted; as in RFC 7515, "application/" may be left out. */
  private boolean isAccepted(@Nullable JOSEObjectType type) {
    String name = type == null ? "" : type.getType();
    return options.types().isEmpty()
        || options.types().stream()
            .anyMatch(
                accepted ->
                    accepted.equalsIgnoreCase(name)
                        || ("application/" + accepted).equalsIgnoreCase(name));
  }

  private Caller caller(Map<String, Object> raw, JWTClaimsSet claims, TokenVerdicts.Digest digest) {
    Instant end = parsed(() -> JwtDates.validUntil(raw, options, clock.instant()));
    if (!options.issuer().equals(claims.getIssuer())) {
      throw refused("its issuer is not trusted");
    }
    if (!claims.getAudience().contains(options.audience())) {
      throw refused("its audience is not this server");
    }
    String tenant =
        options.tenantClaim().isEmpty()
            ? options.tenant()
            : name(claims, options.tenantClaim(), "tenant");
    String id = claims.getJWTID() == null ? "" : claims.getJWTID();
    return new Caller(
        tenant,
        name(claims, options.userClaim(), "user"),
        roles(claims),
        Optional.of(end),
        Names.isName(id) ? "jwt:" + id : digestId(digest));
  }

  private static String name(JWTClaimsSet claims, String path, String what) {
    if (claim(claims, path) instanceof String name && Names.isName(name)) {
      return name;
    }
    throw refused("it has no valid " + what + " in the claim " + path);
  }

  private Set<Role> roles(JWTClaimsSet claims) {
    String claim = options.roles().claim();
    Object value = claim(claims, claim);
    if (value == null) {
      throw refused("it has no known role in the claim " + claim);
    }
    Set<Role> roles =
        options
            .roles()
            .in(value)
            .orElseThrow(() -> refused("its claim " + claim + " is not a list of names"));
    if (roles.isEmpty()) {
      throw refused("it has no known role in the claim " + claim);
    }
    return roles;
  }

  /** Returns a claim by its name, which may contain dots, or by a path separated by dots. */
  private static @Nullable Object claim(JWTClaimsSet claims, String path) {
    if (claims.getClaim(path) != null) {
      return claims.getClaim(path);
    }
    Object value = claims.toJSONObject();
    for (String step : path.split("\\.", -1)) {
      value = value instanceof Map<?, ?> object ? object.get(step) : null;
    }
    return value;
  }

  /** Parses a part of a token. */
  @FunctionalInterface
  private interface Parsing<T> {
    @Nullable T parse() throws ParseException;
  }

  static AccessException.Unauthenticated refused(String why) {
    return new AccessException.Unauthenticated("This JWT is rejected: " + why + ".");
  }
}
