package dev.milepost.server.app;

import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobShape;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds since when a job could be claimed that nobody has claimed. Its cost is bounded. */
final class OldestClaimable {
  /** Tenants that are asked about; of more, some. */
  private static final int MAX_TENANTS = 100;

  /** Queued jobs of a tenant that are read, in the order of creation. */
  private static final int MAX_JOBS = 100;

  private final JobStore store;

  OldestClaimable(JobStore store) {
    this.store = store;
  }

  /**
   * Returns since when the job waits that has been claimable longest; empty if there is none.
   *
   * @param tenantId tenant; empty: all
   */
  CompletionStage<Optional<Instant>> since(String tenantId) {
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
    JobFilter queued =
        JobFilter.newBuilder().setTenantId(tenantId).addStates(JobState.JOB_STATE_QUEUED).build();
    return store
        .list(
            new JobQuery(
                queued, false, Optional.empty(), MAX_JOBS, JobQuery.MAX_BYTES, JobShape.OUTLINE))
        .thenApply(OldestClaimable::oldest);
  }

  private static Optional<Instant> oldest(JobPage page) {
    return page.jobs().stream()
        .filter(JobRecords::isClaimable)
        .map(OldestClaimable::claimableSince)
        .min(Instant::compareTo);
  }

  private static Instant claimableSince(JobRecord record) {
    Instant queued = Times.instant(record.getJob().getStatus().getQueueTime());
    Instant notBefore = Times.instant(record.getJob().getSpec().getNotBeforeTime());
    return queued.isBefore(notBefore) ? notBefore : queued;
  }
}
