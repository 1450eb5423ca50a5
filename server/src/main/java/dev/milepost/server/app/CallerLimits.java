package dev.milepost.server.app;

import java.time.Duration;
import java.util.List;

/**
 * Limits per user and per tenant. 0 means unlimited.
 *
 * @param userRequests calls of one user per second
 * @param tenantRequests calls of one tenant per second
 * @param burst burst allowance: calls of this much time that an idle caller can make at once;
 *     positive
 * @param userStreams concurrent streams of one user
 * @param quotas what one user and one tenant may keep in the store
 * @param childItems items of one child of a batch: 1 to 2,000
 * @param storeChanges pending store updates beyond which calls are rejected
 */
public record CallerLimits(
    int userRequests,
    int tenantRequests,
    Duration burst,
    int userStreams,
    QuotaLimits quotas,
    int childItems,
    int storeChanges) {
  /** Names of the settings that bound bytes per second: they also slow streams down. */
  public static final List<String> RATES =
      List.of("user-bytes-per-second", "tenant-bytes-per-second");

  /** Names of the settings whose limits reject calls. */
  public static final List<String> NAMES =
      List.of(
          "user-bytes-per-second",
          "tenant-bytes-per-second",
          "user-requests-per-second",
          "tenant-requests-per-second",
          "user-streams",
          "tenant-jobs",
          "user-jobs",
          "tenant-stored-bytes",
          "user-stored-bytes",
          "min-free-disk",
          "store-changes",
          "connections",
          "calls-per-connection",
          "anonymous-calls",
          "anonymous-calls-per-address",
          "anonymous-calls-per-connection",
          "message-size",
          "bytes-in-flight",
          "bytes-in-flight-per-user",
          "bytes-in-flight-per-connection",
          "request-timeout");
}
