package dev.milepost.server.settings;

/**
 * What one tenant and one user may keep in the store. 0 means no limit.
 *
 * @param tenantJobs jobs kept per tenant
 * @param userJobs jobs kept per user
 * @param tenantBytes size of the jobs of a tenant
 * @param userBytes size of the jobs of a user
 */
public record QuotaSettings(int tenantJobs, int userJobs, long tenantBytes, long userBytes) {
  static QuotaSettings of(Section limits) {
    return new QuotaSettings(
        limits.range("tenant-jobs", 0, Integer.MAX_VALUE),
        limits.range("user-jobs", 0, Integer.MAX_VALUE),
        limits.bytesOrNone("tenant-stored-bytes"),
        limits.bytesOrNone("user-stored-bytes"));
  }
}
