package dev.milepost.client;

import java.time.Duration;

/**
 * How reporting keeps up with the handlers of one client.
 *
 * @param unsentBytes what the server has not accepted yet, approximately, as it is encoded
 * @param droppedLines log lines dropped since the client was created, as too much was unsent
 * @param blockedCalls calls that had to wait for the server since the client was created
 * @param blockedTime how long they waited, all together
 */
public record ReportStatistics(
    long unsentBytes, long droppedLines, long blockedCalls, Duration blockedTime) {}
