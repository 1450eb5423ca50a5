package dev.milepost.server.workers;

import dev.milepost.server.job.Times;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.storage.v1.KnownWorker;
import java.util.Comparator;
import java.util.HashSet;

/** Facts about workers that follow from what is known of them. */
public final class KnownWorkers {
  /** Those first that were seen last. */
  public static final Comparator<KnownWorker> SEEN_LAST_FIRST =
      Comparator.comparingLong((KnownWorker worker) -> Times.micros(worker.getLastSeenTime()))
          .reversed();

  private KnownWorkers() {}

  /** Returns what a worker asks for, as far as it is known. */
  public static ClaimQuery query(KnownWorker worker) {
    return new ClaimQuery(
        worker.getTenantId(),
        new HashSet<>(worker.getTypesList()),
        new HashSet<>(worker.getScopesList()),
        worker.getMinPriority(),
        worker.getMaxPriority(),
        1);
  }
}
