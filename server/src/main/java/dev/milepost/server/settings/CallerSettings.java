package dev.milepost.server.settings;

import com.typesafe.config.Config;
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
  static CallerSettings of(Config limits) {
    return new CallerSettings(
        Values.range(limits, "user-requests-per-second", 0, 1_000_000),
        Values.range(limits, "tenant-requests-per-second", 0, 1_000_000),
        Values.positive(limits, "request-burst"),
        Values.range(limits, "user-streams", 0, 1_000_000),
        QuotaSettings.of(limits),
        Values.range(limits, "batch-items-per-job", 1, 2_000),
        Values.range(limits, "store-changes", 0, 1_000_000));
  }
}
