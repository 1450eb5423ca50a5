package dev.milepost.server.settings;

import java.time.Duration;

/**
 * Limits of one user and one tenant. 0 means no limit, unless noted otherwise.
 *
 * @param userRequests calls per second of one user
 * @param tenantRequests calls per second of one tenant
 * @param burst how much unused time can be saved up for a burst of calls; positive
 * @param userStreams concurrently open streams of one user
 * @param quotas what may be kept in the store
 * @param childItems items per child of a batch, 1 to 2,000
 * @param storeChanges changes that may wait for the store before new ones are rejected
 */
public record CallerSettings(
    int userRequests,
    int tenantRequests,
    Duration burst,
    int userStreams,
    QuotaSettings quotas,
    int childItems,
    int storeChanges) {
  static CallerSettings of(Section limits) {
    return new CallerSettings(
        limits.range("user-requests-per-second", 0, 1_000_000),
        limits.range("tenant-requests-per-second", 0, 1_000_000),
        limits.positive("request-burst"),
        limits.range("user-streams", 0, 1_000_000),
        QuotaSettings.of(limits),
        limits.range("batch-items-per-job", 1, 2_000),
        limits.range("store-changes", 0, 1_000_000));
  }
}
