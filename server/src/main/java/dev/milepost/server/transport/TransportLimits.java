package dev.milepost.server.transport;

import java.time.Duration;

/**
 * Bounds of connections and calls. All positive.
 *
 * @param connections open connections
 * @param connectionsPerAddress open connections from one address
 * @param callsPerConnection concurrent calls and streams of one connection
 * @param anonymousCalls concurrent calls of methods that need no credential
 * @param anonymousCallsPerAddress those from one address
 * @param anonymousCallsPerConnection those of one connection
 * @param bytes bytes in flight: requests and responses that the server holds
 * @param bytesPerUser those of one user, and those of all calls without a credential
 * @param bytesPerConnection those of one connection
 * @param requestTimeout how long a request may take to arrive
 * @param responseTimeout how long a response may remain unread
 */
public record TransportLimits(
    int connections,
    int connectionsPerAddress,
    int callsPerConnection,
    int anonymousCalls,
    int anonymousCallsPerAddress,
    int anonymousCallsPerConnection,
    long bytes,
    long bytesPerUser,
    long bytesPerConnection,
    Duration requestTimeout,
    Duration responseTimeout) {
  /** Size of a message that a caller without a credential may send. */
  public static final int MAX_ANONYMOUS_BYTES = 4 * 1024;
}
