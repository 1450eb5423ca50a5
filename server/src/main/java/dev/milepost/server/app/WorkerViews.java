package dev.milepost.server.app;

import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.KnownWorker;
import dev.milepost.v1.Worker;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Shows what is known of workers, with the jobs that they hold. Thread-safe. */
@Singleton
public final class WorkerViews {
  /** Tenants whose running jobs are counted. */
  private static final int MAX_COUNTED_TENANTS = 10;

  private final HeldJobs held;

  @Inject
  public WorkerViews(JobStore store) {
    this.held = new HeldJobs(store);
  }

  /** Returns workers in the form of the contract, in the same order. */
  CompletionStage<List<Worker>> of(List<KnownWorker> workers) {
    List<String> tenants = workers.stream().map(KnownWorker::getTenantId).distinct().toList();
    Map<String, Map<String, Integer>> counts = new HashMap<>();
    CompletionStage<Boolean> counted = CompletableFuture.completedStage(true);
    if (tenants.size() <= MAX_COUNTED_TENANTS) {
      for (String tenant : tenants) {
        counted =
            counted
                .thenCompose(done -> held.byWorker(tenant))
                .thenApply(
                    byWorker -> {
                      byWorker.ifPresent(count -> counts.put(tenant, count));
                      return true;
                    });
      }
    }
    return counted.thenApply(
        done -> workers.stream().map(worker -> worker(worker, counts)).toList());
  }

  private static Worker worker(KnownWorker known, Map<String, Map<String, Integer>> counts) {
    Worker.Builder worker =
        Worker.newBuilder()
            .setTenantId(known.getTenantId())
            .setWorkerId(known.getWorkerId())
            .setUserId(known.getUserId())
            .addAllTypes(known.getTypesList())
            .addAllScopes(known.getScopesList())
            .setMinPriority(known.getMinPriority())
            .setMaxPriority(known.getMaxPriority())
            .setCapacity(known.getCapacity())
            .setWaiting(known.getWaiting())
            .setLastSeenTime(known.getLastSeenTime())
            .setServer(known.getServer())
            .setOmittedTypeCount(known.getOmittedTypes());
    if (known.hasWaitStartTime()) {
      worker.setWaitStartTime(known.getWaitStartTime());
    }
    if (known.hasLastClaimTime()) {
      worker.setLastClaimTime(known.getLastClaimTime());
    }
    Map<String, Integer> count = counts.get(known.getTenantId());
    if (count != null) {
      worker.setHeldJobCount(count.getOrDefault(known.getWorkerId(), 0));
    }
    return worker.build();
  }
}
