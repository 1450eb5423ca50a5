package dev.milepost.server.grpc;

import java.time.Duration;

/**
 * What one connection may take. All positive.
 *
 * @param callsPerConnection calls and streams at a time
 * @param messageBytes one message from a client
 * @param metadataBytes headers of one call
 * @param connectionIdle a connection without calls is closed after so long
 * @param connectionAge a connection is asked to go after so long, so that clients spread over
 *     servers again
 * @param connectionAgeGrace and its streams are cut so much later; a watch then resumes by position
 * @param keepAlive silence after which the server asks whether the other end lives
 * @param keepAliveTimeout how long it waits for that answer
 * @param clientKeepAlive clients that ask more often are cut off
 * @param handshake time to make a connection
 * @param resetsPerWindow streams that a client may reset within the window before it is cut off
 *     (CVE-2023-44487)
 * @param resetWindow that window, in whole seconds
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
