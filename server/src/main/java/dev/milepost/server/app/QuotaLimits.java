package dev.milepost.server.app;

import java.util.List;

/**
 * How much one tenant and one user may keep in the store. 0 means unlimited.
 *
 * @param tenantJobs jobs of one tenant
 * @param userJobs jobs of one user
 */
public record QuotaLimits(long tenantJobs, long userJobs) {
  /** No limits. */
  public static final QuotaLimits NONE = new QuotaLimits(0, 0);

  /** The limits of each tenant. */
  List<Quota> ofTenant() {
    return List.of(new Quota("tenant-jobs", Quota.Unit.JOBS, tenantJobs));
  }

  /** The limits of each user. */
  List<Quota> ofUser() {
    return List.of(new Quota("user-jobs", Quota.Unit.JOBS, userJobs));
  }
}
