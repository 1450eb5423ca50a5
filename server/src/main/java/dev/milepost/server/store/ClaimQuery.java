package dev.milepost.server.store;

import dev.milepost.v1.JobScope;
import java.util.Set;

/**
 * Which waiting jobs: highest priority first, then oldest. A job waits when it is QUEUED and no
 * claimable_time holds it back.
 *
 * @param tenantId tenant
 * @param types types; empty: any
 * @param scopes scopes; empty: any
 * @param minPriority lowest priority
 * @param maxPriority highest priority
 * @param limit most jobs, 1 to 100
 */
public record ClaimQuery(
    String tenantId,
    Set<String> types,
    Set<JobScope> scopes,
    int minPriority,
    int maxPriority,
    int limit) {
  /** Copies the sets. */
  public ClaimQuery {
    types = Set.copyOf(types);
    scopes = Set.copyOf(scopes);
  }
}
