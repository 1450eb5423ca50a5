package dev.milepost.server.access;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.ParseException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the dates of a JWT (RFC 7519: seconds since 1970, which may have a fraction). A library
 * that multiplies them by a thousand without a check turns a date beyond its range into one long
 * past.
 */
final class JwtDates {
  /** The last second of the year 9999. */
  private static final BigDecimal MAX = BigDecimal.valueOf(253_402_300_799L);

  private JwtDates() {}

  /**
   * Returns when a token ends, clock skew included.
   *
   * @throws AccessException.Unauthenticated if it is not valid now, or for too long
   * @throws ParseException if a date is malformed
   */
  static Instant validUntil(Map<String, Object> claims, JwtOptions options, Instant now)
      throws ParseException {
    Instant expiry = date(claims, "exp");
    if (expiry == null) {
      throw JwtTokens.refused("it has no expiry");
    }
    Instant end = expiry.plus(options.clockSkew());
    if (!now.isBefore(end)) {
      throw JwtTokens.refused("it has expired");
    }
    if (now.plus(options.maxLifetime()).isBefore(expiry)) {
      throw JwtTokens.refused("its expiry is further ahead than milepost.auth.jwt.max-lifetime");
    }
    Instant latest = now.plus(options.clockSkew());
    Instant notBefore = date(claims, "nbf");
    if (notBefore != null && latest.isBefore(notBefore)) {
      throw JwtTokens.refused("it is not valid yet");
    }
    Instant issued = date(claims, "iat");
    if (issued != null && latest.isBefore(issued)) {
      throw JwtTokens.refused("it was issued in the future");
    }
    return end;
  }

  /**
   * Returns the date of a claim, without its fraction of a second; null if it is absent.
   *
   * @throws ParseException if it is not a number, or not within the years 1970 to 9999
   */
  private static @Nullable Instant date(Map<String, Object> claims, String name)
      throws ParseException {
    Object value = claims.get(name);
    if (value == null && !claims.containsKey(name)) {
      return null;
    }
    if (!(value instanceof Number number)) {
      throw new ParseException(name + " is not a number", 0);
    }
    try {
      BigDecimal seconds = new BigDecimal(number.toString());
      if (seconds.signum() >= 0 && seconds.compareTo(MAX) <= 0) {
        return Instant.ofEpochSecond(seconds.setScale(0, RoundingMode.DOWN).longValueExact());
      }
    } catch (NumberFormatException e) {
      // NaN or an infinity: reported below.
    }
    throw new ParseException(name + " is out of range", 0);
  }
}
