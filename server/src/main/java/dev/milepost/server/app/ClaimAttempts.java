package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Found;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.Report;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Claims the jobs that are there, without waiting for more. Thread-safe. */
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
   * The result of one attempt to claim.
   *
   * @param isRepetition whether an earlier response was repeated, so that waiting would change
   *     nothing
   * @param moreMayWait whether jobs were removed that had expired or could not be read, behind
   *     which others may wait
   */
  record Attempt(ClaimJobsResponse response, boolean isRepetition, boolean moreMayWait) {
    boolean isInVain() {
      return response.getJobsCount() == 0 && !isRepetition;
    }
  }

  /** Claims the jobs that are there now; the response is empty if there are none. */
  CompletionStage<Attempt> attempt(Caller caller, ClaimJobsRequest request, ClaimQuery query) {
    // A repetition may have less time left to wait, and says anew how many jobs it can run.
    IdempotentRequest once =
        IdempotentRequest.of(
            caller,
            "ClaimJobs",
            request.getRequestId(),
            request.toBuilder().clearWait().clearCapacity().build());
    return store.update(
        new Selection.Claimable(query, once.key()),
        found ->
            once.first(found)
                .map(first -> Decision.nothing(new Attempt(stillHeld(found, first), true, false)))
                .orElseGet(() -> take(request, found, once)));
  }

  private Decision<Attempt> take(ClaimJobsRequest request, Found found, IdempotentRequest once) {
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
    List<String> ids = new ArrayList<>();
    List<String> attemptTokens = new ArrayList<>();
    for (JobDecision decision : decided.own()) {
      if (decision instanceof JobDecision.Put put && !put.record().getAttemptToken().isEmpty()) {
        response.addJobs(claimed(put.record()));
        ids.add(put.key().jobId());
        attemptTokens.add(put.record().getAttemptToken());
      }
    }
    // An empty response is not remembered: a repetition may find jobs.
    return new Decision<>(
        decided.all(),
        ids.isEmpty() ? Optional.empty() : once.record(found, ids, attemptTokens),
        new Attempt(
            response.build(),
            false,
            ids.isEmpty() && !(decided.own().isEmpty() && found.unreadable().isEmpty())));
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

  /** Releases jobs whose worker disconnected before it received them and their tokens. */
  void release(Caller caller, ClaimJobsResponse response) {
    for (ClaimedJob claimed : response.getJobsList()) {
      reports
          .release(
              caller,
              claimed.getJob().getId(),
              claimed.getGrant().getAttemptToken(),
              Report.getDefaultInstance(),
              "the worker disconnected before it received the job")
          .whenComplete(
              (job, failure) -> {
                if (failure != null) {
                  LOG.info(
                      "Job {} could not be released and waits for its lease to expire.",
                      claimed.getJob().getId(),
                      failure);
                }
              });
    }
  }
}
