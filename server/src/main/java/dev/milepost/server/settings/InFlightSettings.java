package dev.milepost.server.settings;

import java.time.Duration;

/**
 * Limits of all connections together, and of what their calls hold. All positive.
 *
 * @param connections open connections
 * @param connectionsPerAddress open connections from one address
 * @param anonymousCalls concurrent calls of methods that need no credential
 * @param anonymousCallsPerAddress those from one address
 * @param anonymousCallsPerConnection those of one connection
 * @param bytes requests and responses that are in flight, in bytes
 * @param bytesPerUser those of one user
 * @param bytesPerConnection those of one connection
 * @param requestTimeout how long a request may take to arrive
 * @param responseTimeout how long a response may remain unread
 */
public record InFlightSettings(
    int connections,
    int connectionsPerAddress,
    int anonymousCalls,
    int anonymousCallsPerAddress,
    int anonymousCallsPerConnection,
    long bytes,
    long bytesPerUser,
    long bytesPerConnection,
    Duration requestTimeout,
    Duration responseTimeout) {
  /** Room for the largest request and the largest response at once, of several callers. */
  private static final long MIN_BYTES = 32L << 20;

  private static final long MIN_BYTES_PER_USER = 8L << 20;
  private static final int SHARE_OF_MEMORY = 6;

  /**
   * @param memory how much there is for everything
   */
  static InFlightSettings of(Section limits, long memory) {
    long bytes =
        limits.bytesOr("bytes-in-flight", Math.max(MIN_BYTES, memory / SHARE_OF_MEMORY), MIN_BYTES);
    return new InFlightSettings(
        limits.range("connections", 1, 1_000_000),
        limits.range("connections-per-address", 1, 1_000_000),
        limits.range("anonymous-calls", 1, 1_000_000),
        limits.range("anonymous-calls-per-address", 1, 1_000_000),
        limits.range("anonymous-calls-per-connection", 1, 1_000_000),
        bytes,
        limits.bytesOr(
            "bytes-in-flight-per-user",
            Math.max(MIN_BYTES_PER_USER, bytes / 4),
            MIN_BYTES_PER_USER),
        limits.bytesOr(
            "bytes-in-flight-per-connection",
            Math.max(MIN_BYTES_PER_USER, bytes / 2),
            MIN_BYTES_PER_USER),
        limits.positive("request-timeout"),
        limits.positive("response-timeout"));
  }
}
