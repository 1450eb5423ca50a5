package dev.milepost.server.app;

import java.util.List;

/**
 * How much one tenant and one user may keep in the store. 0 means unlimited.
 *
 * @param tenantJobs jobs of one tenant
 * @param userJobs jobs of one user
 * @param tenantBytes size of the jobs of one tenant, with their journals and items
 * @param userBytes size of the jobs of one user, with their journals and items
 */
public record QuotaLimits(long tenantJobs, long userJobs, long tenantBytes, long userBytes) {
  /** No limits. */
  public static final QuotaLimits NONE = new QuotaLimits(0, 0, 0, 0);

  /** The limits of each tenant. */
  List<Quota> ofTenant() {
    return List.of(
        new Quota("tenant-jobs", Quota.Unit.JOBS, tenantJobs),
        new Quota("tenant-stored-bytes", Quota.Unit.BYTES, tenantBytes));
  }

  /** The limits of each user. */
  List<Quota> ofUser() {
    return List.of(
        new Quota("user-jobs", Quota.Unit.JOBS, userJobs),
        new Quota("user-stored-bytes", Quota.Unit.BYTES, userBytes));
  }
}
