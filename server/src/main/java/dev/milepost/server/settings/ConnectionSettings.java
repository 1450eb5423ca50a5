package dev.milepost.server.settings;

import com.typesafe.config.Config;
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
  static ConnectionSettings of(Config limits) {
    return new ConnectionSettings(
        Values.range(limits, "calls-per-connection", 1, 1_000_000),
        Values.bytes(limits, "message-size"),
        Values.bytes(limits, "metadata-size"),
        Values.positive(limits, "connection-idle"),
        Values.positive(limits, "connection-age"),
        Values.positive(limits, "connection-age-grace"),
        Values.positive(limits, "keep-alive"),
        Values.positive(limits, "keep-alive-timeout"),
        Values.positive(limits, "client-keep-alive"),
        Values.positive(limits, "handshake-timeout"),
        Values.range(limits, "resets-per-window", 1, 1_000_000),
        Values.positive(limits, "reset-window"),
        Values.positive(limits, "drain-timeout"));
  }
}
