package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenSealer;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.watch.AttemptHub;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.WatchObserver;
import dev.milepost.server.workers.WorkerRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The use cases on a store in memory, without a server. */
final class UseCases implements AutoCloseable {
  static final int TENANT_JOBS = 5;
  static final Caller ANN = new Caller("acme", "ann", Set.of(Role.USER, Role.WORKER));
  static final Caller BOB = new Caller("acme", "bob", Set.of(Role.USER));

  final SettableClock clock = new SettableClock();
  final JobStore store = new MemoryJobStore(clock, 1_000);
  final JobRules rules = new JobRules(JobDefaults.STANDARD);

  private final AccessPolicy policy = new AccessPolicy();
  private final AttemptTokens tokens = new AttemptTokens();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("use-cases-timer"));
  private final JobWatchHub hub =
      new JobWatchHub(store, 1_000, Duration.ofMinutes(1), clock, WatchObserver.NONE);
  final AttemptHub attempts = new AttemptHub(store);
  private final ClaimWaiters waiters = new ClaimWaiters(store);

  final JobAccess access = new JobAccess(store, rules, policy, clock);
  final JobCreation creation;
  final BatchCreation batches;
  final ItemRetries retries;
  final Reports reports =
      new Reports(store, rules, policy, hub, attempts, clock, ServiceObserver.NONE);
  final JobClaims claims =
      new JobClaims(
          store,
          rules,
          policy,
          reports,
          waiters,
          tokens,
          new WorkerRegistry(clock, () -> "localhost:7300"),
          timer,
          clock,
          ServiceObserver.NONE);
  final BulkChanges bulk =
      new BulkChanges(
          new SlicedChange(store, access, rules, clock),
          rules,
          access,
          new Pages(new TokenSealer(new byte[TokenSealer.KEY_BYTES])),
          clock);

  /** Use cases with a limit of {@link #TENANT_JOBS} jobs per tenant. */
  UseCases() {
    this(new QuotaLimits(TENANT_JOBS, 0, 0, 0), ServiceObserver.NONE);
  }

  UseCases(QuotaLimits quotas, ServiceObserver observer) {
    CallerLimits limits = new CallerLimits(0, 0, Duration.ofSeconds(1), 0, quotas, 1, 0);
    JobQuota quota = new JobQuota(store, limits, policy, clock, observer, DiskFloor.none());
    creation = new JobCreation(store, rules, access, tokens, quota);
    batches = new BatchCreation(store, rules, access, quota, limits);
    retries = new ItemRetries(store, rules, access, quota, batches);
  }

  @Override
  public void close() {
    waiters.close();
    hub.close();
    attempts.close();
    timer.shutdownNow();
    store.close();
  }
}
