package dev.milepost.server.settings;

import com.typesafe.config.Config;

/**
 * What one tenant and one user may keep in the store. 0 means no limit.
 *
 * @param tenantJobs jobs kept per tenant
 * @param userJobs jobs kept per user
 * @param tenantBytes size of the jobs of a tenant
 * @param userBytes size of the jobs of a user
 */
public record QuotaSettings(int tenantJobs, int userJobs, long tenantBytes, long userBytes) {
  static QuotaSettings of(Config limits) {
    return new QuotaSettings(
        Values.range(limits, "tenant-jobs", 0, Integer.MAX_VALUE),
        Values.range(limits, "user-jobs", 0, Integer.MAX_VALUE),
        Values.bytesOrNone(limits, "tenant-stored-bytes"),
        Values.bytesOrNone(limits, "user-stored-bytes"));
  }
}
