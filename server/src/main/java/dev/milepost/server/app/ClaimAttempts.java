package dev.milepost.server.app;

import com.google.protobuf.ByteString;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.Fingerprints;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.Report;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Claims jobs for workers, without waiting for any. Thread-safe. */
final class ClaimAttempts {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimAttempts.class);

  private final JobStore store;
  private final JobRules rules;
  private final Reports reports;
  private final AttemptTokens tokens;

  ClaimAttempts(JobStore store, JobRules rules, Reports reports, AttemptTokens tokens) {
    this.store = store;
    this.rules = rules;
    this.reports = reports;
    this.tokens = tokens;
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

  /** How long to wait is not what is asked for: who asks again may have less time left. */
  private static Map<String, ByteString> fingerprints(ClaimJobsRequest request) {
    return Fingerprints.ofFields(request.toBuilder().clearWait().build());
  }

  private Decision<Attempt> take(
      ClaimJobsRequest request,
      Found found,
      boolean remember,
      Map<String, ByteString> fingerprints) {
    // Jobs that have expired are removed instead.
    JobDecisions decided =
        rules.decide(
            found.jobs(),
            job ->
                rules.timers().isExpired(job, found.now())
                    ? new JobCommand.Tick()
                    : new JobCommand.Claim(request.getWorkerId(), tokens.next()),
            found);
    ClaimJobsResponse.Builder response = ClaimJobsResponse.newBuilder();
    RequestRecord.Builder memory = IdempotentRequests.record(fingerprints, found.now());
    for (JobDecision decision : decided.own()) {
      if (decision instanceof JobDecision.Put put && !put.record().getAttemptToken().isEmpty()) {
        response.addJobs(claimed(put.record()));
        memory.addJobIds(put.key().jobId()).addAttemptTokens(put.record().getAttemptToken());
      }
    }
    boolean gotSome = response.getJobsCount() > 0;
    // A claim that got nothing is not remembered: its repetition may get something.
    return new Decision<>(
        decided.all(),
        remember && gotSome ? Optional.of(memory.build()) : Optional.empty(),
        new Attempt(response.build(), false, !gotSome && !decided.own().isEmpty()));
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
        .setGrant(AttemptGrants.of(record, rules))
        .build();
  }

  /**
   * Gives jobs back whose claimer hung up before it was answered: nobody else knows their tokens.
   */
  void release(Caller caller, ClaimJobsResponse response) {
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
}
