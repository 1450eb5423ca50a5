package dev.milepost.server.app;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.workers.WorkerRegistry;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.JobScope;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.ScheduledExecutorService;

/** Claims jobs: at once, or when one arrives. Thread-safe. */
@Singleton
public final class JobClaims {
  private static final int MAX_JOBS = 100;
  private static final int MAX_CAPACITY = 1_000_000;
  private static final int MAX_TYPES = 100;
  private static final int MAX_SCOPES = 3;
  private static final Duration MAX_WAIT = Duration.ofSeconds(60);

  private final ClaimAttempts attempts;
  private final AccessPolicy policy;
  private final WorkerRegistry workers;
  private final ClaimWaiters waiters;
  private final ScheduledExecutorService timer;
  private final TimeSource time;
  private final ServiceObserver observer;

  /**
   * Claims from a store.
   *
   * @param timer ends waits; may run {@link ClaimReply}s
   */
  @Inject
  public JobClaims(
      JobStore store,
      JobRules rules,
      AccessPolicy policy,
      Reports reports,
      ClaimWaiters waiters,
      AttemptTokens tokens,
      WorkerRegistry workers,
      ScheduledExecutorService timer,
      TimeSource time,
      ServiceObserver observer) {
    this.attempts = new ClaimAttempts(store, rules, reports, tokens);
    this.policy = policy;
    this.workers = workers;
    this.waiters = waiters;
    this.timer = timer;
    this.time = time;
    this.observer = observer;
  }

  /**
   * Checks a claim and prepares it; {@link WaitingClaim#begin()} starts it.
   *
   * @throws dev.milepost.server.job.Refusal.InvalidArgument if a field of the request is invalid
   */
  public WaitingClaim claim(Caller caller, ClaimJobsRequest request, ClaimReply reply) {
    validate(request);
    Caller there = policy.home(caller, request.getTenantId());
    Duration wait = request.hasWait() ? Times.duration(request.getWait()) : Duration.ZERO;
    ClaimQuery query = query(there, request);
    return new WaitingClaim(
        attempts,
        there,
        request,
        query,
        () ->
            workers.ask(there, request.getWorkerId(), query, request.getCapacity(), !wait.isZero()),
        wait,
        waiters,
        timer,
        time,
        observer,
        reply);
  }

  private static ClaimQuery query(Caller caller, ClaimJobsRequest request) {
    return new ClaimQuery(
        caller.tenantId(),
        new HashSet<>(request.getTypesList()),
        new HashSet<>(request.getScopesList()),
        request.getMinPriority(),
        request.hasMaxPriority() ? request.getMaxPriority() : 100,
        Math.max(1, request.getMaxJobs()));
  }

  private static void validate(ClaimJobsRequest request) {
    FieldChecks violations = new FieldChecks();
    JobValidation.workerId(violations, "worker_id", request.getWorkerId());
    violations.count("types", request.getTypesCount(), MAX_TYPES);
    violations.count("scopes", request.getScopesCount(), MAX_SCOPES);
    request.getTypesList().forEach(type -> JobValidation.type(violations, "types", type));
    violations.check(
        request.getScopesList().stream()
            .noneMatch(
                scope -> scope == JobScope.JOB_SCOPE_UNSPECIFIED || scope == JobScope.UNRECOGNIZED),
        "scopes",
        "must be known scopes");
    violations.range("min_priority", request.getMinPriority(), 0, 100);
    violations.range("max_priority", request.getMaxPriority(), 0, 100);
    violations.check(
        !request.hasMaxPriority() || request.getMaxPriority() >= request.getMinPriority(),
        "max_priority",
        "must not be less than min_priority");
    violations.range("max_jobs", request.getMaxJobs(), 0, MAX_JOBS);
    violations.range("capacity", request.getCapacity(), 0, MAX_CAPACITY);
    violations.duration("wait", request.getWait(), 0, MAX_WAIT.toSeconds());
    JobValidation.requestId(violations, request.getRequestId());
    JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
    violations.orThrow();
  }
}
