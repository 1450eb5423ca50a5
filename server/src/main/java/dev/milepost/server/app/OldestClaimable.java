package dev.milepost.server.app;

import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Finds since when the job waits that has been claimable longest. It asks for the first claimable
 * jobs of each tenant, so its cost does not grow with the number of jobs, and jobs that wait for
 * their time hide none. Thread-safe.
 */
public final class OldestClaimable {
  /** Tenants that are asked about; of more, some. */
  private static final int MAX_TENANTS = 100;

  private final JobStore store;

  /** Reads from a store. */
  public OldestClaimable(JobStore store) {
    this.store = store;
  }

  /**
   * Returns since when the job waits that has been claimable longest; empty if there is none.
   *
   * @param tenantId tenant; empty: all
   */
  public CompletionStage<Optional<Instant>> since(String tenantId) {
    return tenantId.isEmpty()
        ? store.queuedTenants(MAX_TENANTS).thenCompose(tenants -> oldest(tenants, Optional.empty()))
        : ofTenant(tenantId);
  }

  /** Asks about one tenant after the other, so that other reads come in between. */
  private CompletionStage<Optional<Instant>> oldest(List<String> tenants, Optional<Instant> known) {
    if (tenants.isEmpty()) {
      return CompletableFuture.completedStage(known);
    }
    return ofTenant(tenants.get(0))
        .thenCompose(
            since ->
                oldest(
                    tenants.subList(1, tenants.size()),
                    since
                        .filter(time -> known.isEmpty() || time.isBefore(known.get()))
                        .or(() -> known)));
  }

  private CompletionStage<Optional<Instant>> ofTenant(String tenantId) {
    return store
        .firstClaimable(tenantId)
        .thenCompose(keys -> store.get(keys, "", JobQuery.MAX_BYTES, JobShape.OUTLINE))
        .thenApply(
            found ->
                found.jobs().stream()
                    .filter(JobRecords::isClaimable)
                    .map(OldestClaimable::claimableSince)
                    .min(Instant::compareTo));
  }

  private static Instant claimableSince(JobRecord record) {
    Instant queued = Times.instant(record.getJob().getStatus().getQueueTime());
    Instant notBefore = Times.instant(record.getJob().getSpec().getNotBeforeTime());
    return queued.isBefore(notBefore) ? notBefore : queued;
  }
}
