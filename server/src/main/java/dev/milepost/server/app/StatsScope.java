package dev.milepost.server.app;

/**
 * What statistics are about.
 *
 * @param tenantId tenant; empty: all
 * @param userId the only user whose jobs count; empty: all of the tenant
 */
public record StatsScope(String tenantId, String userId) {
  /** Whether this is about one user, who sees jobs only. */
  boolean isOfUser() {
    return !userId.isEmpty();
  }
}
