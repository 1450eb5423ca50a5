package dev.milepost.server.app;

import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
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
 * Enforces the maximum number of jobs of a tenant. Thread-safe.
 *
 * <p>Reads the store's maintained count of a tenant at most once per {@link #COUNT_TTL} and adds
 * the jobs created since. A tenant can therefore exceed its limit by the creates in flight during a
 * count and, on a shared store, by what other servers create meanwhile. A tenant below its limit is
 * never refused: the store is asked again first.
 */
@Singleton
public final class JobQuota {
  /** How long a count is valid. */
  private static final Duration COUNT_TTL = Duration.ofSeconds(10);

  private final JobStore store;
  private final int limit;
  private final InstantSource clock;
  private final ServiceObserver observer;
  private final ConcurrentHashMap<String, Count> counts = new ConcurrentHashMap<>();

  /** Creates a quota; a limit of 0 means unlimited. */
  @Inject
  public JobQuota(
      JobStore store, CallerLimits limits, InstantSource clock, ServiceObserver observer) {
    this.store = store;
    this.limit = limits.tenantJobs();
    this.clock = clock;
    this.observer = observer;
  }

  /** The result of a check, for the decision that creates the job. */
  final class Room {
    private final String tenant;
    private final boolean isThere;

    private Room(String tenant, boolean isThere) {
      this.tenant = tenant;
      this.isThere = isThere;
    }

    /**
     * Requires room for one more job. Called late, so that a repeated request is answered even if
     * there is none.
     *
     * @throws LimitException if there is none
     */
    void require() {
      if (!isThere) {
        throw refusal(tenant);
      }
    }
  }

  /** Checks for room for one more job, counts the job if there is, and lets it be created. */
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
    if (known != null && known.isValid(now) && known.admit(limit)) {
      return CompletableFuture.completedFuture(true);
    }
    return recount(tenant, known, now).thenApply(count -> count.admit(limit));
  }

  private LimitException refusal(String tenant) {
    return new LimitException(
        "tenant-jobs",
        "tenant:" + tenant,
        "Tenant "
            + tenant
            + " has reached its limit of "
            + limit
            + " jobs (milepost.limits.tenant-jobs). An OPERATOR of the tenant can delete finished"
            + " jobs, and the administrator of this server can raise the limit.",
        COUNT_TTL);
  }

  /** Notifies the observer if a job was refused for lack of room. */
  private <R> CompletionStage<R> watched(CompletionStage<R> made) {
    return made.whenComplete(
        (result, failure) -> {
          if (failure instanceof LimitException refused) {
            observer.refused(refused.setting());
          }
        });
  }

  private CompletionStage<Count> recount(String tenant, @Nullable Count known, Instant now) {
    // Concurrent calls share a count in progress.
    Count fresh =
        counts.compute(
            tenant,
            (name, current) ->
                current == null || (current == known && current.isCounted())
                    ? new Count(now)
                    : current);
    if (fresh.begin()) {
      counts.values().removeIf(old -> old.isCounted() && !old.isValid(now));
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

  /** The known count of one tenant. */
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

    /** A count is invalid after the clock was set back. */
    boolean isValid(Instant now) {
      return isCounted() && !now.isBefore(at) && now.isBefore(at.plus(COUNT_TTL));
    }

    boolean admit(int limit) {
      if (kept.incrementAndGet() <= limit) {
        return true;
      }
      kept.decrementAndGet();
      return false;
    }
  }
}
