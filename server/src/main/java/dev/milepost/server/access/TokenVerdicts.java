package dev.milepost.server.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about tokens that were presented before, so that each costs one check of its
 * signature and not one per call. Keeps digests of tokens, never a token. Thread-safe.
 *
 * <p>A valid token is remembered for as long as it is valid, an invalid one for a moment. Neither
 * is remembered beyond a change of the keys. The number of both is bounded; invalid ones never
 * displace valid ones.
 */
final class TokenVerdicts {
  static final int MAX_VALID = 4_096;
  static final int MAX_INVALID = 1_024;
  static final Duration INVALID_TTL = Duration.ofSeconds(5);

  // Both guarded by this.
  private final Map<Digest, Verdict> valid = bounded(MAX_VALID);
  private final Map<Digest, Verdict> invalid = bounded(MAX_INVALID);

  /** Keeps the entries that were used last. */
  private static Map<Digest, Verdict> bounded(int max) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Digest, Verdict> eldest) {
        return size() > max;
      }
    };
  }

  /** The SHA-256 digest of a token. */
  record Digest(long first, long second, long third, long fourth) {
    static Digest of(String token) {
      try {
        ByteBuffer sha =
            ByteBuffer.wrap(
                MessageDigest.getInstance("SHA-256")
                    .digest(token.getBytes(StandardCharsets.UTF_8)));
        return new Digest(sha.getLong(), sha.getLong(), sha.getLong(), sha.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }
  }

  /**
   * The result of a check.
   *
   * @param keys those that it was checked with
   * @param from when it was checked: before that, after a clock was set back, it must be again
   * @param until when it must be checked again
   * @param caller whom the token stands for; null if it is refused
   * @param why the message of the refusal; empty if it is valid
   */
  private record Verdict(
      VerificationKeys keys, Instant from, Instant until, @Nullable Caller caller, String why) {
    boolean holds(VerificationKeys now, Instant at) {
      return keys == now && !at.isBefore(from) && at.isBefore(until);
    }
  }

  /**
   * Returns the caller that a token stands for; empty if the token must be checked.
   *
   * @throws AccessException.Unauthenticated if it was refused a moment ago
   */
  Optional<Caller> find(Digest token, VerificationKeys keys, Instant now) {
    Verdict known = known(token);
    if (known == null || !known.holds(keys, now)) {
      return Optional.empty();
    }
    if (known.caller() == null) {
      throw new AccessException.Unauthenticated(known.why());
    }
    return Optional.of(known.caller());
  }

  /** Returns whether a token need not be checked. */
  boolean knows(Digest token, VerificationKeys keys, Instant now) {
    Verdict known = known(token);
    return known != null && known.holds(keys, now);
  }

  private synchronized @Nullable Verdict known(Digest token) {
    Verdict found = valid.get(token);
    return found == null ? invalid.get(token) : found;
  }

  /** Remembers a valid token until its caller's expiry. */
  synchronized void accept(Digest token, VerificationKeys keys, Caller caller, Instant now) {
    invalid.remove(token);
    valid.put(token, new Verdict(keys, now, caller.expireTime().orElse(Instant.MAX), caller, ""));
  }

  /** Remembers a refused token for a moment. */
  synchronized void refuse(Digest token, VerificationKeys keys, String why, Instant now) {
    valid.remove(token);
    invalid.put(token, new Verdict(keys, now, now.plus(INVALID_TTL), null, why));
  }

  /** Returns how many tokens are remembered. */
  synchronized int size() {
    return valid.size() + invalid.size();
  }
}
