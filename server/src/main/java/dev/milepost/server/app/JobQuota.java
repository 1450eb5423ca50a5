package dev.milepost.server.app;

import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether a tenant has room for one more job. Thread-safe.
 *
 * <p>It asks the store for its maintained count at most once a while for each tenant, and adds what
 * was let in since. So a tenant may go beyond its limit by the creates that were under way during a
 * count, and, on a store that several servers share, by what the others let in meanwhile. It is
 * never refused while it has room: before a refusal the store is asked again.
 */
public final class JobQuota {
  /** So long a count is good. */
  private static final Duration GOOD = Duration.ofSeconds(10);

  private final JobStore store;
  private final int limit;
  private final InstantSource clock;
  private final ServiceObserver observer;
  private final ConcurrentHashMap<String, Count> counts = new ConcurrentHashMap<>();

  /** A limit of 0 is none. */
  public JobQuota(JobStore store, int limit, InstantSource clock, ServiceObserver observer) {
    this.store = store;
    this.limit = limit;
    this.clock = clock;
    this.observer = observer;
  }

  /** Whether there is room for one more job, for whoever is about to make it. */
  final class Room {
    private final String tenant;
    private final boolean isThere;

    private Room(String tenant, boolean isThere) {
      this.tenant = tenant;
      this.isThere = isThere;
    }

    /**
     * Requires that there is. Asked late: what was made already is answered even where there is
     * none.
     *
     * @throws LimitException where there is none
     */
    void require() {
      if (!isThere) {
        throw refusal(tenant);
      }
    }
  }

  /** Looks for room for one more job, counts it in where there is, and lets it be made. */
  <R> CompletionStage<R> withRoom(String tenant, Function<Room, CompletionStage<R>> making) {
    return hasRoom(tenant)
        .thenCompose(
            isThere -> {
              CompletionStage<R> made = making.apply(new Room(tenant, isThere));
              return isThere ? made : watched(made);
            });
  }

  private CompletionStage<Boolean> hasRoom(String tenant) {
    if (limit == 0) {
      return CompletableFuture.completedFuture(true);
    }
    Instant now = clock.instant();
    @Nullable Count known = counts.get(tenant);
    if (known != null && known.isGood(now) && known.letIn(limit)) {
      return CompletableFuture.completedFuture(true);
    }
    return recount(tenant, known, now).thenApply(count -> count.letIn(limit));
  }

  private LimitException refusal(String tenant) {
    return new LimitException(
        "tenant-jobs",
        "tenant:" + tenant,
        "Tenant " + tenant + " keeps " + limit + " jobs, and may keep no more: delete some first.",
        GOOD);
  }

  /** What was asked for without room: tells the observer where it was refused for that. */
  private <R> CompletionStage<R> watched(CompletionStage<R> made) {
    return made.whenComplete(
        (result, failure) -> {
          if (failure instanceof LimitException refused) {
            observer.refused(refused.setting());
          }
        });
  }

  private CompletionStage<Count> recount(String tenant, @Nullable Count known, Instant now) {
    // Who comes while it is counted shares the count.
    Count fresh =
        counts.compute(
            tenant,
            (name, current) ->
                current == null || (current == known && current.isCounted())
                    ? new Count(now)
                    : current);
    if (fresh.begin()) {
      counts.values().removeIf(old -> old.isCounted() && !old.isGood(now));
      CountQuery query =
          new CountQuery(JobFilter.newBuilder().setTenantId(tenant).build(), Set.of());
      store
          .count(query)
          .whenComplete(
              (found, failure) -> {
                if (failure != null) {
                  counts.remove(tenant, fresh);
                  fresh.counted.completeExceptionally(failure);
                } else {
                  fresh.kept.addAndGet(found.stream().mapToLong(JobCount::getCount).sum());
                  fresh.counted.complete(fresh);
                }
              });
    }
    return fresh.counted;
  }

  /** What one tenant keeps, as far as it is known. */
  private static final class Count {
    private final Instant at;
    private final AtomicLong kept = new AtomicLong();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Count> counted = new CompletableFuture<>();

    Count(Instant at) {
      this.at = at;
    }

    boolean begin() {
      return begun.compareAndSet(false, true);
    }

    boolean isCounted() {
      return counted.isDone();
    }

    /** A clock that was set back makes it bad. */
    boolean isGood(Instant now) {
      return isCounted() && !now.isBefore(at) && now.isBefore(at.plus(GOOD));
    }

    boolean letIn(int limit) {
      if (kept.incrementAndGet() <= limit) {
        return true;
      }
      kept.decrementAndGet();
      return false;
    }
  }
}
