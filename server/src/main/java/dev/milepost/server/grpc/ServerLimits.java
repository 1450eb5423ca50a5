package dev.milepost.server.grpc;

import java.time.Duration;

/**
 * Limits of one connection. All values are positive.
 *
 * @param callsPerConnection concurrent calls and streams
 * @param messageBytes size of one message from a client
 * @param metadataBytes size of the headers of one call
 * @param connectionIdle a connection without calls is closed after this time
 * @param connectionAge a connection is asked to close after this time, so that clients spread over
 *     the servers again
 * @param connectionAgeGrace additional time after which its streams are cut; a watch then resumes
 *     by position
 * @param keepAlive silence after which the server pings the client
 * @param keepAliveTimeout how long the server waits for the answer to its ping
 * @param clientKeepAlive shortest interval of client pings; clients that ping more often are
 *     disconnected
 * @param handshake time to establish a connection
 * @param resetsPerWindow streams that a client may reset within the window before it is
 *     disconnected (CVE-2023-44487)
 * @param resetWindow length of that window, in whole seconds
 * @param drain time that calls have to finish when the server stops
 */
public record ServerLimits(
    int callsPerConnection,
    int messageBytes,
    int metadataBytes,
    Duration connectionIdle,
    Duration connectionAge,
    Duration connectionAgeGrace,
    Duration keepAlive,
    Duration keepAliveTimeout,
    Duration clientKeepAlive,
    Duration handshake,
    int resetsPerWindow,
    Duration resetWindow,
    Duration drain) {}
