package dev.milepost.server.app;

import dev.milepost.v1.JobFilter;

/**
 * Whom a quota applies to.
 *
 * @param tenantId tenant, never empty
 * @param userId owner of the jobs; empty: the whole tenant
 */
record QuotaOwner(String tenantId, String userId) {
  static QuotaOwner tenant(String tenantId) {
    return new QuotaOwner(tenantId, "");
  }

  boolean isUser() {
    return !userId.isEmpty();
  }

  /** Selects the jobs of this owner. */
  JobFilter jobs() {
    return JobFilter.newBuilder().setTenantId(tenantId).setUserId(userId).build();
  }

  /** The subject of a {@link LimitException}. */
  String subject() {
    return isUser() ? "user:" + userId : "tenant:" + tenantId;
  }

  /** How the start of a sentence names it. */
  String title() {
    return isUser() ? "User " + userId : "Tenant " + tenantId;
  }
}
