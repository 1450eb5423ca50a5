package dev.milepost.server.app;

import java.time.Duration;
import java.util.List;

/**
 * What one user and one tenant may take. 0 of anything: no limit.
 *
 * @param userRequests calls a second of one user
 * @param tenantRequests calls a second of one tenant
 * @param burst who was quiet may make so much time's calls at once; positive
 * @param userStreams streams of one user that are open at a time
 * @param tenantJobs jobs kept of one tenant
 * @param childItems items of one child of a batch: 1 to 2,000
 * @param storeChanges changes that wait for the store; more are turned away at the door
 */
public record CallerLimits(
    int userRequests,
    int tenantRequests,
    Duration burst,
    int userStreams,
    int tenantJobs,
    int childItems,
    int storeChanges) {
  /** The limits that turn calls away, by the names of their settings. */
  public static final List<String> NAMES =
      List.of(
          "user-requests-per-second",
          "tenant-requests-per-second",
          "user-streams",
          "tenant-jobs",
          "store-changes");
}
