package dev.milepost.server.grpc;

import com.google.protobuf.ByteString;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.Fingerprints;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.Report;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands waiting jobs to workers: at once, or when one arrives. */
final class JobClaims {
  private static final Logger LOG = LoggerFactory.getLogger(JobClaims.class);
  private static final int MOST_JOBS = 100;
  private static final int MOST_TYPES = 100;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final JobStore store;
  private final JobRules rules;
  private final JobAccess access;
  private final Reports reports;
  private final ClaimWaiters waiters;
  private final AttemptTokens tokens;
  private final ScheduledExecutorService timer;
  private final Reauthorisation reauthorisation;
  private final ServiceObserver observer;

  JobClaims(
      JobStore store,
      JobRules rules,
      JobAccess access,
      Reports reports,
      ClaimWaiters waiters,
      AttemptTokens tokens,
      ScheduledExecutorService timer,
      Reauthorisation reauthorisation,
      ServiceObserver observer) {
    this.store = store;
    this.rules = rules;
    this.access = access;
    this.reports = reports;
    this.waiters = waiters;
    this.tokens = tokens;
    this.timer = timer;
    this.reauthorisation = reauthorisation;
    this.observer = observer;
  }

  void claim(
      Caller caller, ClaimJobsRequest request, ServerCallStreamObserver<ClaimJobsResponse> out) {
    try {
      validate(request);
      Caller there = access.policy().home(caller, request.getTenantId());
      Duration wait = request.hasWait() ? Times.duration(request.getWait()) : Duration.ZERO;
      ClaimCall call =
          new ClaimCall(this, there, request, query(there, request), wait, waiters, timer, out);
      if (!wait.isZero()) {
        reauthorisation.watch(call::endWith);
      }
      call.begin();
    } catch (RuntimeException e) {
      out.onError(ErrorMap.toException(e));
    }
  }

  /**
   * What a look for jobs came to.
   *
   * @param isRepetition the request had been answered before: waiting would bring it nothing new
   * @param moreMayWait some of what was found had expired and is gone now: others may wait behind
   *     it
   */
  record Attempt(ClaimJobsResponse response, boolean isRepetition, boolean moreMayWait) {
    boolean isInVain() {
      return response.getJobsCount() == 0 && !isRepetition;
    }
  }

  /** Claims what is there now; empty where nothing is. */
  CompletionStage<Attempt> attempt(Caller caller, ClaimJobsRequest request, ClaimQuery query) {
    Optional<RequestKey> requestKey =
        IdempotentRequests.key(caller, "ClaimJobs", request.getRequestId());
    Map<String, ByteString> fingerprints =
        requestKey.isPresent() ? fingerprints(request) : Map.of();
    return store.update(
        new Selection.Claimable(query, requestKey),
        found -> {
          if (found.request().isPresent()) {
            Fingerprints.requireSame(found.request().get(), fingerprints);
            return Decision.nothing(
                new Attempt(stillHeld(found, found.request().get()), true, false));
          }
          return take(request, found, requestKey.isPresent(), fingerprints);
        });
  }

  /** A claim gets its answer. */
  void answered(ClaimJobsResponse response) {
    observer.claimed(response.getJobsCount());
  }

  /** How long to wait is not what is asked for: who asks again may have less time left. */
  private static Map<String, ByteString> fingerprints(ClaimJobsRequest request) {
    return Fingerprints.ofFields(request.toBuilder().clearWait().build());
  }

  private Decision<Attempt> take(
      ClaimJobsRequest request,
      Found found,
      boolean remember,
      Map<String, ByteString> fingerprints) {
    List<JobDecision> decisions = new ArrayList<>();
    ClaimJobsResponse.Builder response = ClaimJobsResponse.newBuilder();
    RequestRecord.Builder memory = IdempotentRequests.record(fingerprints, found.now());
    boolean gotSome = false;
    for (JobRecord waiting : found.jobs()) {
      if (rules.timers().isExpired(waiting, found.now())) {
        decisions.add(rules.decide(waiting, new JobCommand.Tick(), found.now()));
        continue;
      }
      gotSome = true;
      JobDecision.Put taken =
          (JobDecision.Put)
              rules.decide(
                  waiting, new JobCommand.Claim(request.getWorkerId(), tokens.next()), found.now());
      decisions.add(taken);
      response.addJobs(claimed(taken.record()));
      memory.addJobIds(waiting.getJob().getId()).addAttemptTokens(taken.record().getAttemptToken());
    }
    // A claim that got nothing is not remembered: its repetition may get something.
    return new Decision<>(
        rules.parents().settle(decisions, found::jobOrParent, key -> false, found.now()),
        remember && gotSome ? Optional.of(memory.build()) : Optional.empty(),
        new Attempt(response.build(), false, !gotSome && !decisions.isEmpty()));
  }

  private ClaimJobsResponse stillHeld(Found found, RequestRecord first) {
    HashSet<String> ours = new HashSet<>(first.getAttemptTokensList());
    ClaimJobsResponse.Builder response = ClaimJobsResponse.newBuilder();
    for (JobRecord record : found.jobs()) {
      if (ours.contains(record.getAttemptToken())) {
        response.addJobs(claimed(record));
      }
    }
    return response.build();
  }

  private ClaimedJob claimed(JobRecord record) {
    return ClaimedJob.newBuilder()
        .setJob(record.getJob())
        .setGrant(Grants.of(record, rules))
        .build();
  }

  /**
   * Gives jobs back whose claimer hung up before it was answered: nobody else knows their tokens.
   */
  void giveBack(Caller caller, ClaimJobsResponse response) {
    for (ClaimedJob claimed : response.getJobsList()) {
      reports
          .release(
              caller,
              claimed.getJob().getId(),
              claimed.getGrant().getAttemptToken(),
              Report.getDefaultInstance(),
              "the worker was gone before it was answered")
          .whenComplete(
              (job, failure) -> {
                if (failure != null) {
                  LOG.info(
                      "Job {} waits for its lease to end: {}",
                      claimed.getJob().getId(),
                      failure.toString());
                }
              });
    }
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
    violations.check(
        request.getTypesCount() <= MOST_TYPES, "types", "must be at most " + MOST_TYPES);
    request.getTypesList().forEach(type -> JobValidation.type(violations, "types", type));
    violations.check(
        request.getScopesList().stream()
            .noneMatch(
                scope -> scope == JobScope.JOB_SCOPE_UNSPECIFIED || scope == JobScope.UNRECOGNIZED),
        "scopes",
        "must be values that this server knows");
    violations.range("min_priority", request.getMinPriority(), 0, 100);
    violations.range("max_priority", request.getMaxPriority(), 0, 100);
    violations.check(
        !request.hasMaxPriority() || request.getMaxPriority() >= request.getMinPriority(),
        "max_priority",
        "must not be less than min_priority");
    violations.range("max_jobs", request.getMaxJobs(), 0, MOST_JOBS);
    violations.duration("wait", request.getWait(), 0, LONGEST_WAIT.toSeconds());
    JobValidation.requestId(violations, request.getRequestId());
    violations.orThrow();
  }
}
