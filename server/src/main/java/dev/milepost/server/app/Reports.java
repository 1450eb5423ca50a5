package dev.milepost.server.app;

import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Caller;
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
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Directive;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportAck;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a worker says of a job that it holds. Reports by unary call and by stream end up here: they
 * mean the same.
 */
public final class Reports {
  /**
   * While somebody watches, what happens is worth seeing soon; otherwise a report a second is
   * plenty.
   */
  private static final Duration WATCHED = Times.duration(java.time.Duration.ofMillis(100));

  private static final Duration UNWATCHED = Times.duration(java.time.Duration.ofSeconds(1));

  private final JobStore store;
  private final JobRules rules;
  private final AccessPolicy policy;
  private final JobWatchHub hub;
  private final ServiceObserver observer;

  public Reports(
      JobStore store,
      JobRules rules,
      AccessPolicy policy,
      JobWatchHub hub,
      ServiceObserver observer) {
    this.store = store;
    this.rules = rules;
    this.policy = policy;
    this.hub = hub;
    this.observer = observer;
  }

  /** Commits a report and renews the lease. */
  public CompletionStage<ReportAck> report(
      Caller caller, String jobId, String token, Report report) {
    long began = System.nanoTime();
    CompletionStage<ReportAck> acknowledged =
        change(
            caller,
            jobId,
            report,
            new FieldChecks(),
            items -> new JobCommand.ReportProgress(token, report, items),
            this::ack);
    // The stage itself goes on, and not what hangs on it: its order among others must hold.
    var unused = acknowledged.thenAccept(ack -> observer.acknowledged(System.nanoTime() - began));
    return acknowledged;
  }

  /** Renews the lease. */
  public CompletionStage<ReportAck> heartbeat(Caller caller, String jobId, String token) {
    return change(
        caller,
        jobId,
        Report.getDefaultInstance(),
        new FieldChecks(),
        items -> new JobCommand.Heartbeat(token),
        this::ack);
  }

  /** Ends the job well. */
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

  /** Ends the attempt badly. */
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

  /** Ends the job as it was asked. */
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

  /** Gives the job back. */
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
          // The token proves the attempt; who may not report on the job learns nothing by it.
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

  /** Itself, or the batch or task that it is a part of. */
  private boolean isWatched(JobRecord record) {
    return hub.isWatched(JobKey.of(record))
        || (JobRecords.isChild(record) && hub.isWatched(JobRecords.parentOf(record)));
  }

  private ReportAck ack(JobRecord record) {
    JobStatus status = record.getJob().getStatus();
    ReportAck.Builder ack =
        ReportAck.newBuilder()
            .setCommittedSeq(record.getReportSeq())
            .setLeaseExpireTime(status.getLeaseExpireTime())
            .setMinReportInterval(isWatched(record) ? WATCHED : UNWATCHED);
    if (status.getState() == JobState.JOB_STATE_CANCELLING) {
      return ack.setDirective(Directive.DIRECTIVE_CANCEL).setCancel(status.getCancel()).build();
    }
    return ack.setDirective(Directive.DIRECTIVE_CONTINUE).build();
  }
}
