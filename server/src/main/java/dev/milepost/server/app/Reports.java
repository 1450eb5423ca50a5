package dev.milepost.server.app;

import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecisions;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.ReportValidation;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.watch.AttemptHub;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import dev.milepost.v1.ReportStreamRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Commits what a worker reports on a job that it holds, by unary call or by stream. */
@Singleton
public final class Reports {
  /** A watched job reports more often; otherwise once a second is enough. */
  private static final Duration WATCHED_INTERVAL = Times.duration(java.time.Duration.ofMillis(100));

  private static final Duration UNWATCHED_INTERVAL =
      Times.duration(java.time.Duration.ofSeconds(1));

  private final JobStore store;
  private final JobRules rules;
  private final AccessPolicy policy;
  private final JobWatchHub hub;
  private final AttemptHub attempts;
  private final TimeSource time;
  private final ServiceObserver observer;

  @Inject
  public Reports(
      JobStore store,
      JobRules rules,
      AccessPolicy policy,
      JobWatchHub hub,
      AttemptHub attempts,
      TimeSource time,
      ServiceObserver observer) {
    this.store = store;
    this.rules = rules;
    this.policy = policy;
    this.hub = hub;
    this.attempts = attempts;
    this.time = time;
    this.observer = observer;
  }

  /** Commits a report and renews the lease. */
  public CompletionStage<ReportAck> report(
      Caller caller, String jobId, String token, Report report) {
    return report(caller, jobId, token, report, this::ack);
  }

  private <R> CompletionStage<R> report(
      Caller caller, String jobId, String token, Report report, Function<JobRecord, R> result) {
    long began = time.nanoTime();
    CompletionStage<R> acknowledged =
        change(
            caller,
            jobId,
            report,
            new FieldChecks(),
            items -> new JobCommand.ReportProgress(token, report, items),
            result);
    // Returns the stage itself rather than a dependent one, to preserve its completion order.
    var unused = acknowledged.thenAccept(ack -> observer.acknowledged(time.nanoTime() - began));
    return acknowledged;
  }

  /** Renews the lease. */
  public CompletionStage<ReportAck> heartbeat(Caller caller, String jobId, String token) {
    return heartbeat(caller, jobId, token, this::ack);
  }

  private <R> CompletionStage<R> heartbeat(
      Caller caller, String jobId, String token, Function<JobRecord, R> result) {
    return change(
        caller,
        jobId,
        Report.getDefaultInstance(),
        new FieldChecks(),
        items -> new JobCommand.Heartbeat(token),
        result);
  }

  /**
   * What a report or heartbeat has left.
   *
   * @param attempt number of the attempt
   */
  public record Committed(int attempt, ReportAck ack) {
    private static Committed of(JobRecord record, ReportAck ack) {
      return new Committed(record.getJob().getStatus().getAttempt(), ack);
    }
  }

  /**
   * Opens a session for the reports of one stream.
   *
   * @param onNotice called on any thread when the session may have a notice; must be quick and must
   *     not throw
   */
  public ReportSession open(Caller caller, Runnable onNotice) {
    return new ReportSession(this, attempts, caller, onNotice);
  }

  /** Commits a report, or renews the lease if the request has none. */
  CompletionStage<Committed> onStream(Caller caller, ReportStreamRequest request) {
    String jobId = request.getJobId();
    String token = request.getAttemptToken();
    Function<JobRecord, Committed> result = record -> Committed.of(record, ack(record));
    return request.hasReport()
        ? report(caller, jobId, token, request.getReport(), result)
        : heartbeat(caller, jobId, token, result);
  }

  /** Completes the job. */
  public CompletionStage<Job> complete(
      Caller caller, String jobId, String token, Report report, Struct result) {
    FieldChecks violations = new FieldChecks();
    ReportValidation.result(violations, result);
    return change(
        caller,
        jobId,
        report,
        violations,
        items -> new JobCommand.Complete(token, report, items, result),
        JobRecord::getJob);
  }

  /** Fails the attempt. */
  public CompletionStage<Job> fail(
      Caller caller, String jobId, String token, Report report, dev.milepost.v1.JobError error) {
    FieldChecks violations = new FieldChecks();
    ReportValidation.error(violations, error);
    return change(
        caller,
        jobId,
        report,
        violations,
        items -> new JobCommand.Fail(token, report, items, ReportValidation.cut(error)),
        JobRecord::getJob);
  }

  /** Confirms that the job was cancelled. */
  public CompletionStage<Job> confirmCancel(
      Caller caller, String jobId, String token, Report report) {
    return change(
        caller,
        jobId,
        report,
        new FieldChecks(),
        items -> new JobCommand.ConfirmCancel(token, report, items),
        JobRecord::getJob);
  }

  /** Releases the job to other workers. */
  public CompletionStage<Job> release(
      Caller caller, String jobId, String token, Report report, String reason) {
    FieldChecks violations = new FieldChecks();
    violations.atMost("reason", reason, 1_024);
    return change(
        caller,
        jobId,
        report,
        violations,
        items -> new JobCommand.Release(token, report, items, reason),
        JobRecord::getJob);
  }

  private <R> CompletionStage<R> change(
      Caller caller,
      String jobId,
      Report report,
      FieldChecks violations,
      Function<Map<String, Item>, JobCommand> command,
      Function<JobRecord, R> result) {
    JobValidation.jobId(violations, "job_id", jobId);
    ReportValidation.report(violations, report);
    violations.orThrow();
    JobKey key = new JobKey(caller.tenantId(), jobId);
    Set<String> itemIds =
        report.getItemsCount() == 0
            ? Set.of()
            : report.getItemsList().stream().map(Item::getId).collect(Collectors.toSet());
    return store.update(
        Selection.of(key, itemIds),
        found -> {
          // Only the token proves the attempt; a caller that may not report learns nothing.
          JobRecord current =
              found
                  .job(key)
                  .filter(record -> policy.mayReport(caller, record.getJob()))
                  .orElseThrow(() -> new Refusal.JobNotFound(jobId));
          JobDecisions decided =
              rules.decide(current, command.apply(found.items()), found, hub::isWatched);
          return Decision.of(decided.all(), result.apply(decided.firstOr(current)));
        });
  }

  /** Returns whether the job or its parent is watched. */
  private boolean isWatched(JobRecord record) {
    return hub.isWatched(JobKey.of(record))
        || (JobRecords.isChild(record) && hub.isWatched(JobRecords.parentOf(record)));
  }

  /** Returns what every response to the worker of a job says. */
  ReportAck ack(JobRecord record) {
    JobStatus status = record.getJob().getStatus();
    ReportAck.Builder ack =
        ReportAck.newBuilder()
            .setCommittedSeq(record.getReportSeq())
            .setLeaseExpireTime(status.getLeaseExpireTime())
            .setMinReportInterval(isWatched(record) ? WATCHED_INTERVAL : UNWATCHED_INTERVAL);
    if (status.getState() == JobState.JOB_STATE_CANCELLING) {
      return ack.setDirective(Directive.DIRECTIVE_CANCEL).setCancel(status.getCancel()).build();
    }
    return ack.setDirective(Directive.DIRECTIVE_CONTINUE).build();
  }
}
