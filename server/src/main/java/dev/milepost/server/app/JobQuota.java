package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.job.Transitions;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.CountQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobGroup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Enforces what tenants and users may keep in the store, when jobs are created, and lets a full
 * disk refuse any. Thread-safe.
 *
 * <p>Reads the store's maintained counts of an owner at most once per {@link
 * QuotaAccounts#COUNT_TTL} and adds what was created since. An owner can therefore exceed its limit
 * by the creates in flight during a count and, on a shared store, by what other servers create
 * meanwhile. One that has room is not refused: if it has deleted jobs since the count, the store is
 * asked again first. On a shared store it may take a second to learn what was deleted elsewhere.
 */
@Singleton
public final class JobQuota {
  private final JobStore store;
  private final QuotaAccounts accounts;
  private final AccessPolicy policy;
  private final ServiceObserver observer;
  private final DiskFloor disk;
  private final List<Quota> ofTenant;
  private final List<Quota> ofUser;
  private final boolean isLimited;

  /** Creates a gate. */
  @Inject
  public JobQuota(
      JobStore store,
      CallerLimits limits,
      AccessPolicy policy,
      InstantSource clock,
      ServiceObserver observer,
      DiskFloor disk) {
    this.store = store;
    this.accounts = new QuotaAccounts(this::count, clock);
    this.policy = policy;
    this.observer = observer;
    this.disk = disk;
    this.ofTenant = limits.quotas().ofTenant();
    this.ofUser = limits.quotas().ofUser();
    this.isLimited = !limits.quotas().equals(QuotaLimits.NONE);
    if (isLimited) {
      var unused = store.subscribe(new Changes());
    }
  }

  /** Learns who can be admitted or advised differently than before. */
  private final class Changes implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      for (Change change : changes) {
        JobRecord before = change.before();
        JobRecord after = change.after();
        if (before == null) {
          if (after == null) {
            // The removed job could not be read, so its owner is not known.
            accounts.outdateAll();
          }
        } else if (after == null
            || after.getChargedBytes() < before.getChargedBytes()
            || isFinished(after) != isFinished(before)) {
          String tenant = change.key().tenantId();
          accounts.outdate(QuotaOwner.tenant(tenant));
          accounts.outdate(new QuotaOwner(tenant, before.getJob().getUserId()));
        }
      }
    }

    @Override
    public void missed() {
      accounts.outdateAll();
    }
  }

  private static boolean isFinished(JobRecord job) {
    return Transitions.isFinished(job.getJob().getStatus().getState());
  }

  /** The result of a check, for the decision that creates the jobs. */
  static final class Room {
    private final Optional<LimitException> refusal;

    private Room(Optional<LimitException> refusal) {
      this.refusal = refusal;
    }

    /**
     * Requires room. Called late, so that a repeated request is answered even if there is none.
     *
     * @throws LimitException if there is none, in the quota or on the disk
     */
    void require() {
      if (refusal.isPresent()) {
        throw refusal.get();
      }
    }
  }

  /** Checks for room for new jobs, counts them if there is, and lets them be created. */
  <R> CompletionStage<R> withRoom(NewJobs jobs, Function<Room, CompletionStage<R>> making) {
    return refusal(jobs)
        .thenCompose(
            refusal -> {
              CompletionStage<R> made = making.apply(new Room(refusal));
              return refusal.isEmpty() ? made : watched(made);
            });
  }

  /** Notifies the observer if jobs were refused for lack of room. */
  private <R> CompletionStage<R> watched(CompletionStage<R> made) {
    return made.whenComplete(
        (result, failure) -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          if (cause instanceof LimitException refused) {
            observer.refused(refused.setting());
          }
        });
  }

  private CompletionStage<Optional<LimitException>> refusal(NewJobs jobs) {
    Optional<LimitException> full = disk.refusal();
    if (full.isPresent()) {
      return CompletableFuture.completedFuture(full);
    }
    if (!isLimited) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return accounts
        .admit(jobs.tenant(), ofTenant, jobs.amount())
        .thenCompose(
            tenant -> {
              if (tenant.exceeded().isPresent()) {
                return refusal(jobs.tenant(), jobs, tenant);
              }
              // No user has more than its tenant, so it need not be counted.
              if (Quota.exceeded(ofUser, tenant.account().use().all()).isEmpty()) {
                accounts.add(jobs.user(), jobs.amount());
                return CompletableFuture.completedFuture(Optional.empty());
              }
              return ofUser(jobs, tenant.account());
            });
  }

  private CompletionStage<QuotaUse> count(QuotaOwner owner) {
    return store
        .count(new CountQuery(owner.jobs(), Set.of(JobGroup.JOB_GROUP_STATE)))
        .thenApply(QuotaUse::of);
  }

  private CompletionStage<Optional<LimitException>> ofUser(NewJobs jobs, QuotaAccount tenant) {
    return accounts
        .admit(jobs.user(), ofUser, jobs.amount())
        .thenCompose(
            user -> {
              if (user.exceeded().isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
              }
              tenant.takeBack(jobs.amount());
              return refusal(jobs.user(), jobs, user);
            });
  }

  private CompletionStage<Optional<LimitException>> refusal(
      QuotaOwner owner, NewJobs jobs, QuotaAccounts.Answer answer) {
    QuotaUse all = answer.account().use();
    boolean isAll = policy.reachesTenant(jobs.caller());
    CompletionStage<QuotaUse> deletable =
        isAll || owner.equals(jobs.self())
            ? CompletableFuture.completedFuture(all)
            : accounts.use(jobs.self());
    Quota quota = answer.exceeded().orElseThrow();
    return deletable.thenApply(
        use ->
            Optional.of(
                new LimitException(
                    quota.setting(),
                    owner.subject(),
                    QuotaRefusal.message(
                        owner, quota, jobs, all, new QuotaRefusal.Deletable(isAll, use)),
                    QuotaAccounts.COUNT_TTL)));
  }
}
