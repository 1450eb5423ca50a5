package dev.milepost.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An API token as the server keeps it, without its secret. A secret has 256 random bits, so a fast
 * salted hash is enough: brute force is not feasible.
 *
 * @param id identifies the token; not secret
 * @param salt hashed before the secret
 * @param hash SHA-256 of salt and secret
 * @param tenantId tenant of its bearer
 * @param userId user that its bearer acts as
 * @param roles roles of its bearer
 * @param createTime when it was created
 * @param expireTime when it expires
 * @param revoked whether it has been revoked
 */
public record ApiToken(
    String id,
    String salt,
    String hash,
    String tenantId,
    String userId,
    Set<Role> roles,
    Instant createTime,
    Instant expireTime,
    boolean revoked) {
  /** Prefix of every token. */
  static final String PREFIX = "mlp_";

  private static final int ID_BYTES = 8;
  private static final int SALT_BYTES = 16;
  private static final int SECRET_BYTES = 32;
  private static final Pattern FORM =
      Pattern.compile(PREFIX + "([0-9a-f]{16})_([A-Za-z0-9_-]{43})");
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Copies the roles. */
  public ApiToken {
    roles = Set.copyOf(roles);
  }

  /**
   * A token that has just been created.
   *
   * @param token what the server keeps
   * @param bearer the text of the token, with its secret; shown once
   */
  public record Issued(ApiToken token, String bearer) {
    @Override
    public String toString() {
      return "Issued[" + token.id() + "]";
    }
  }

  /** Creates a token. */
  public static Issued issue(
      String tenantId, String userId, Set<Role> roles, Instant now, Instant expireTime) {
    String id = HexFormat.of().formatHex(random(ID_BYTES));
    String salt = encode(random(SALT_BYTES));
    String secret = encode(random(SECRET_BYTES));
    ApiToken token =
        new ApiToken(
            id,
            salt,
            encode(digest(salt, secret)),
            tenantId,
            userId,
            roles,
            now,
            expireTime,
            false);
    return new Issued(token, PREFIX + id + "_" + secret);
  }

  /** Returns the token, revoked. */
  public ApiToken revoke() {
    return new ApiToken(id, salt, hash, tenantId, userId, roles, createTime, expireTime, true);
  }

  /** Returns whether a secret is this token's, compared in constant time. */
  boolean matches(String secret) {
    return MessageDigest.isEqual(digest(salt, secret), Base64.getUrlDecoder().decode(hash));
  }

  Caller caller() {
    return new Caller(tenantId, userId, roles, Optional.of(expireTime), credentialId(id));
  }

  static String credentialId(String id) {
    return "token:" + id;
  }

  /** Omits the hash, so that the text can be logged. */
  @Override
  public String toString() {
    return "ApiToken[" + id + "]";
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] digest(String salt, String secret) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(Base64.getUrlDecoder().decode(salt));
      return sha.digest(secret.getBytes(StandardCharsets.US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The two parts of a token that a caller presents. */
  record Shown(String id, String secret) {
    /** Returns empty if the text is not a token, for example truncated. */
    static Optional<Shown> parse(String bearer) {
      Matcher matcher = FORM.matcher(bearer);
      return matcher.matches()
          ? Optional.of(new Shown(matcher.group(1), matcher.group(2)))
          : Optional.empty();
    }

    @Override
    public String toString() {
      return "Shown[" + id + "]";
    }
  }
}
