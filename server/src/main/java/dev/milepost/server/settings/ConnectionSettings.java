package dev.milepost.server.settings;

import java.time.Duration;

/**
 * Limits of one connection, and the time that the server gives calls when it stops. All positive.
 *
 * @param calls concurrent calls and streams
 * @param messageBytes size of one message from a client
 * @param metadataBytes size of the headers of one call
 * @param idle a connection without calls is closed after this time
 * @param age a connection is asked to close after this time, so that clients spread over servers
 * @param ageGrace its streams are cut this much later; a watch then resumes
 * @param keepAlive after this much silence the server pings the client
 * @param keepAliveTimeout how long the server waits for the answer to a ping
 * @param clientKeepAlive a client that pings more often is disconnected
 * @param handshakeTimeout how long a connection may take to be established
 * @param resetsPerWindow streams that a client may reset per window before it is disconnected
 *     (CVE-2023-44487)
 * @param resetWindow that window, in whole seconds
 * @param drainTimeout how long calls may take to finish when the server stops
 */
public record ConnectionSettings(
    int calls,
    int messageBytes,
    int metadataBytes,
    Duration idle,
    Duration age,
    Duration ageGrace,
    Duration keepAlive,
    Duration keepAliveTimeout,
    Duration clientKeepAlive,
    Duration handshakeTimeout,
    int resetsPerWindow,
    Duration resetWindow,
    Duration drainTimeout) {
  static ConnectionSettings of(Section limits) {
    return new ConnectionSettings(
        calls(limits),
        limits.bytes("message-size"),
        limits.bytes("metadata-size"),
        limits.positive("connection-idle"),
        limits.positive("connection-age"),
        limits.positive("connection-age-grace"),
        limits.positive("keep-alive"),
        limits.positive("keep-alive-timeout"),
        limits.positive("client-keep-alive"),
        limits.positive("handshake-timeout"),
        limits.range("resets-per-window", 1, 1_000_000),
        limits.positive("reset-window"),
        limits.positive("drain-timeout"));
  }

  /**
   * More than a user's streams, so that a user with too many is told so, instead of that the
   * connection has too many calls.
   */
  private static int calls(Section limits) {
    int calls = limits.range("calls-per-connection", 1, 1_000_000);
    int streams = limits.range("user-streams", 0, 1_000_000);
    if (streams > 0 && calls <= streams) {
      throw limits.invalid(
          "calls-per-connection",
          "be above milepost.limits.user-streams (%d), unless that is 0".formatted(streams));
    }
    return calls;
  }
}
