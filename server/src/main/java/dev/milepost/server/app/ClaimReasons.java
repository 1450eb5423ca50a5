package dev.milepost.server.app;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ClaimReason;
import dev.milepost.v1.ClaimReasonKind;
import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The reasons why a job is not claimed, as kinds and as sentences. Pure functions. */
final class ClaimReasons {
  private static final int MAX_NAMED_TYPES = 5;

  private ClaimReasons() {}

  /** Explains a job that no worker could claim: one that is not queued, or a parent. */
  static ExplainJobResponse ofOther(JobRecord record) {
    Job job = record.getJob();
    JobState state = job.getStatus().getState();
    ExplainJobResponse.Builder response = ExplainJobResponse.newBuilder().setState(state);
    if (state != JobState.JOB_STATE_QUEUED) {
      response.addReasons(reason(ClaimReasonKind.CLAIM_REASON_KIND_NOT_QUEUED, notQueued(job)));
    }
    if (JobRecords.isParent(record)) {
      String what = job.getKind() == JobKind.JOB_KIND_BATCH ? "batch" : "task";
      response.addReasons(
          reason(
                  ClaimReasonKind.CLAIM_REASON_KIND_PARENT_JOB,
                  "It is a "
                      + what
                      + ": workers claim its child jobs, not the "
                      + what
                      + " itself. Ask about one of its child jobs.")
              .setParentId(job.getId()));
    }
    return response.build();
  }

  private static String notQueued(Job job) {
    JobStatus status = job.getStatus();
    String state = word(status.getState());
    return switch (status.getState()) {
      case JOB_STATE_RUNNING, JOB_STATE_CANCELLING ->
          status.getWorkerId().isEmpty()
              ? "It is " + state + "."
              : "It is " + state + ": worker \"" + status.getWorkerId() + "\" has claimed it.";
      default -> "It has ended as " + state + ". RetryJob queues a failed or cancelled job again.";
    };
  }

  private static String word(JobState state) {
    return state.name().substring("JOB_STATE_".length());
  }

  /**
   * Explains a job that is queued.
   *
   * @param parent its parent, if it is held back by one
   * @param match the workers of its tenant
   * @param queued how many jobs of its type and scope are queued, itself included
   */
  static ExplainJobResponse ofQueued(
      JobRecord record, Optional<JobRecord> parent, MatchedWorkers.Match match, long queued) {
    ExplainJobResponse.Builder response =
        ExplainJobResponse.newBuilder()
            .setState(JobState.JOB_STATE_QUEUED)
            .setWaitingWorkers(match.waiting())
            .setMatchingWorkers(match.matching())
            // Counts may be a moment ahead of the job.
            .setQueuedJobs(Math.max(1, queued));
    match.lastSeen().ifPresent(time -> response.setLastMatchTime(Times.timestamp(time)));
    holds(record, parent).forEach(response::addReasons);
    workers(record.getJob().getSpec(), match, queued).forEach(response::addReasons);
    if (response.getReasonsCount() == 0
        || (JobRecords.isClaimable(record) && match.waiting() > 0)) {
      response.addReasons(
          reason(
              ClaimReasonKind.CLAIM_REASON_KIND_CLAIMABLE,
              "%s for such a job: it is claimed within moments, unless others are ahead of it."
                  .formatted(count(match.waiting(), "worker waits", "workers wait"))));
    }
    return response.build();
  }

  private static List<ClaimReason> holds(JobRecord record, Optional<JobRecord> parent) {
    List<ClaimReason> reasons = new ArrayList<>();
    JobStatus status = record.getJob().getStatus();
    if (status.hasClaimableTime()) {
      Timestamp until = status.getClaimableTime();
      boolean isLater =
          record.getJob().getSpec().hasNotBeforeTime()
              && Times.micros(record.getJob().getSpec().getNotBeforeTime()) >= Times.micros(until);
      reasons.add(
          reason(
                  isLater
                      ? ClaimReasonKind.CLAIM_REASON_KIND_NOT_BEFORE_TIME
                      : ClaimReasonKind.CLAIM_REASON_KIND_RETRY_BACKOFF,
                  isLater
                      ? "It waits for its not_before_time, " + time(until) + "."
                      : "Attempt %d did not succeed; the next one may begin at %s."
                          .formatted(status.getAttempt(), time(until)))
              .setUntilTime(until)
              .build());
    }
    if (record.getHeldBack()) {
      reasons.add(heldBack(record.getJob(), parent));
    }
    return reasons;
  }

  private static ClaimReason heldBack(Job job, Optional<JobRecord> parent) {
    boolean isStep = !job.getStep().isEmpty();
    boolean isOpen = parent.filter(batch -> batch.getParentRecord().hasAbandonTime()).isPresent();
    ClaimReason.Builder reason;
    if (isStep) {
      reason =
          reason(
              ClaimReasonKind.CLAIM_REASON_KIND_WAITS_FOR_STEP,
              "It is the step \"%s\" of a task that has yet to pass it the items of the step before."
                  .formatted(job.getStep()));
    } else {
      reason =
          reason(
              ClaimReasonKind.CLAIM_REASON_KIND_BATCH_INCOMPLETE,
              isOpen
                  ? "Its batch is not complete: CreateJobs has yet to send the rest of its items."
                  : "Its batch is complete, and its jobs are being released: within moments.");
    }
    return reason.setParentId(job.getParentId()).build();
  }

  private static List<ClaimReason> workers(JobSpec spec, MatchedWorkers.Match match, long queued) {
    List<ClaimReason> reasons = new ArrayList<>();
    if (match.waiting() > 0) {
      return reasons;
    }
    if (match.busy() > 0) {
      reasons.add(
          reason(
                  ClaimReasonKind.CLAIM_REASON_KIND_WORKERS_BUSY,
                  count(
                          match.busy(),
                          "worker that may claim it is busy. ",
                          "workers that may claim it are busy. ")
                      + count(
                          queued, "job of its type and scope is", "jobs of its type and scope are")
                      + " queued, this one included: the highest priority first, then the oldest.")
              .build());
      return reasons;
    }
    StringBuilder text =
        new StringBuilder("No worker waits for jobs of type \"")
            .append(spec.getType())
            .append("\", scope ")
            .append(scope(spec.getScope()))
            .append(", priority ")
            .append(spec.getPriority())
            .append(". ");
    text.append(
        match
            .lastSeen()
            .map(seen -> "One was last seen at " + seen.truncatedTo(ChronoUnit.SECONDS) + ".")
            .orElse("None was seen in the last 24 hours."));
    reasons.add(reason(ClaimReasonKind.CLAIM_REASON_KIND_NO_WORKER, text.toString()).build());
    for (MatchedWorkers.Others others : match.others()) {
      reasons.add(
          reason(ClaimReasonKind.CLAIM_REASON_KIND_OTHER_WORKERS, sentence(others))
              .addAllDifferingFields(others.fields())
              .setWorkerCount(others.count())
              .build());
    }
    return reasons;
  }

  private static String sentence(MatchedWorkers.Others others) {
    ClaimQuery asks = others.asks();
    List<String> parts = new ArrayList<>();
    if (others.fields().contains("type")) {
      List<String> types = asks.types().stream().sorted().toList();
      String named =
          types.stream()
              .limit(MAX_NAMED_TYPES)
              .map(type -> '"' + type + '"')
              .collect(Collectors.joining(", "));
      int more = types.size() - MAX_NAMED_TYPES;
      String rest = more > 0 ? " and " + more + " more" : "";
      parts.add((types.size() == 1 ? "type " : "types ") + named + rest);
    }
    if (others.fields().contains("scope")) {
      parts.add(
          "scope "
              + asks.scopes().stream()
                  .sorted()
                  .map(ClaimReasons::scope)
                  .collect(Collectors.joining(" or ")));
    }
    if (others.fields().contains("priority")) {
      parts.add("priority " + asks.minPriority() + " to " + asks.maxPriority());
    }
    return count(others.count(), "worker waits for ", "workers wait for ")
        + String.join(", ", parts)
        + ".";
  }

  private static String scope(JobScope scope) {
    return scope.name().substring("JOB_SCOPE_".length()).toUpperCase(Locale.ROOT);
  }

  private static String count(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }

  private static String time(Timestamp time) {
    return Times.instant(time).toString();
  }

  private static ClaimReason.Builder reason(ClaimReasonKind kind, String message) {
    return ClaimReason.newBuilder().setKind(kind).setMessage(message);
  }
}
