package dev.milepost.server.app;

import com.google.protobuf.Timestamp;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.CommandKind;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CleanupJobsResponse;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.DeleteJobsResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.RetryJobsRequest;
import dev.milepost.v1.RetryJobsResponse;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Cancels, retries or deletes all jobs that match a filter, as far as the caller is permitted to.
 */
@Singleton
public final class BulkChanges {
  /** States of jobs that can be cancelled and have not been. */
  private static final List<JobState> CANCELLABLE =
      List.of(JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_RUNNING);

  private static final List<JobState> RETRYABLE =
      List.of(JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);

  private static final List<JobState> FINISHED =
      List.of(
          JobState.JOB_STATE_SUCCEEDED, JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);

  private static final long MAX_AGE_SECONDS = Duration.ofDays(36_600).toSeconds();
  private static final Duration CLOCK_SET_BACK = Duration.ofDays(1);

  private final SlicedChange change;
  private final JobRules rules;
  private final JobAccess access;
  private final Pages pages;
  private final InstantSource clock;

  @Inject
  public BulkChanges(
      SlicedChange change, JobRules rules, JobAccess access, Pages pages, InstantSource clock) {
    this.change = change;
    this.rules = rules;
    this.access = access;
    this.pages = pages;
    this.clock = clock;
  }

  public CompletionStage<CancelJobsResponse> cancel(
      Caller caller, CancelJobsRequest request, BulkCall call) {
    FieldChecks violations = new FieldChecks();
    JobFilters.validate(violations, request.getFilter());
    violations.atMost("reason", request.getReason(), 1_024);
    violations.orThrow();
    JobFilter filter = access.policy().narrow(caller, request.getFilter());
    JobCommand cancel = new JobCommand.Cancel(caller.userId(), request.getReason(), null);
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    return run(
            caller,
            new Plan(
                among(filter, CANCELLABLE),
                true,
                CommandKind.CANCEL,
                BulkRule.always(cancel),
                request.getValidateOnly()),
            after,
            call)
        .thenApply(
            result ->
                CancelJobsResponse.newBuilder()
                    .setCount(result.count())
                    .setNextPageToken(pages.token(caller, request, result.next()))
                    .build());
  }

  public CompletionStage<RetryJobsResponse> retry(
      Caller caller, RetryJobsRequest request, BulkCall call) {
    FieldChecks violations = new FieldChecks();
    JobFilters.validate(violations, request.getFilter());
    violations.orThrow();
    JobFilter filter = access.policy().narrow(caller, request.getFilter());
    JobCommand retry = new JobCommand.Retry(caller.userId());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    return run(
            caller,
            new Plan(
                among(filter, RETRYABLE),
                true,
                CommandKind.RETRY,
                BulkRule.retry(rules, retry),
                request.getValidateOnly()),
            after,
            call)
        .thenApply(
            result ->
                RetryJobsResponse.newBuilder()
                    .setCount(result.count())
                    .setNextPageToken(pages.token(caller, request, result.next()))
                    .build());
  }

  public CompletionStage<DeleteJobsResponse> delete(
      Caller caller, DeleteJobsRequest request, BulkCall call) {
    FieldChecks violations = new FieldChecks();
    // An omitted filter must not select all jobs.
    violations.check(
        !request.getFilter().equals(JobFilter.getDefaultInstance()),
        "filter",
        "must set at least one field, such as user_id");
    JobFilters.validate(violations, request.getFilter());
    violations.orThrow();
    JobFilter filter = access.policy().narrow(caller, request.getFilter());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    return run(
            caller,
            new Plan(
                Optional.of(filter),
                true,
                CommandKind.DELETE,
                BulkRule.delete(cancelIf(caller, request.getCancelRunning())),
                request.getValidateOnly()),
            after,
            call)
        .thenApply(
            result ->
                DeleteJobsResponse.newBuilder()
                    .setCount(result.count())
                    .setCancelledCount(result.cancelled())
                    .setSkippedCount(result.skipped())
                    .setNextPageToken(pages.token(caller, request, result.next()))
                    .build());
  }

  public CompletionStage<CleanupJobsResponse> cleanup(
      Caller caller, CleanupJobsRequest request, BulkCall call) {
    FieldChecks violations = new FieldChecks();
    // An omitted age must not select all jobs.
    violations.check(request.hasOlderThan(), "older_than", "is required");
    violations.duration("older_than", request.getOlderThan(), 0, MAX_AGE_SECONDS);
    JobFilters.validate(violations, request.getFilter());
    violations.orThrow();
    JobFilter filter = access.policy().cleanup(caller, request.getFilter());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    Instant youngest = clock.instant().minus(Times.duration(request.getOlderThan()));
    BulkRule delete = BulkRule.delete(cancelIf(caller, request.getCancelRunning()));
    return run(
            caller,
            new Plan(
                youngest.isBefore(Instant.EPOCH)
                    ? Optional.empty()
                    : among(filter, cleanable(request)).map(among -> aged(among, youngest)),
                false,
                CommandKind.DELETE,
                (job, context) ->
                    isAged(job, youngest) ? delete.step(job, context) : Optional.empty(),
                request.getValidateOnly()),
            after,
            call)
        .thenApply(
            result ->
                CleanupJobsResponse.newBuilder()
                    .setCount(result.count())
                    .setCancelledCount(result.cancelled())
                    .setNextPageToken(pages.token(caller, request, result.next()))
                    .build());
  }

  /**
   * What a call changes.
   *
   * @param filter empty: it can match no job
   */
  private record Plan(
      Optional<JobFilter> filter,
      boolean newestFirst,
      CommandKind main,
      BulkRule rule,
      boolean validateOnly) {}

  private CompletionStage<SlicedChange.Result> run(
      Caller caller, Plan plan, Optional<String> after, BulkCall call) {
    return plan.filter()
        .map(
            filter ->
                change.apply(
                    caller,
                    new SlicedChange.Plan(
                        filter, plan.newestFirst, plan.main, plan.rule, plan.validateOnly),
                    after,
                    call))
        .orElseGet(
            () -> CompletableFuture.completedFuture(new SlicedChange.Result(0, Optional.empty())));
  }

  /** Restricts a filter to some states; empty if it selects none of them. */
  private static Optional<JobFilter> among(JobFilter filter, List<JobState> states) {
    List<JobState> both = new ArrayList<>(states);
    if (filter.getStatesCount() > 0) {
      both.retainAll(filter.getStatesList());
    }
    return both.isEmpty()
        ? Optional.empty()
        : Optional.of(filter.toBuilder().clearStates().addAllStates(both).build());
  }

  private static @Nullable JobCommand cancelIf(Caller caller, boolean cancelRunning) {
    return cancelRunning ? new JobCommand.Cancel(caller.userId(), "to be deleted", null) : null;
  }

  private static List<JobState> cleanable(CleanupJobsRequest request) {
    List<JobState> states = new ArrayList<>(FINISHED);
    if (request.getIncludeQueued()) {
      states.add(JobState.JOB_STATE_QUEUED);
    }
    if (request.getCancelRunning()) {
      states.add(JobState.JOB_STATE_RUNNING);
    }
    return states;
  }

  /**
   * Bounds the scan: a job's creation time is later than its end time only if a clock was set back.
   */
  private static JobFilter aged(JobFilter filter, Instant youngest) {
    Timestamp until = Times.timestamp(youngest.plus(CLOCK_SET_BACK));
    boolean isEarlier =
        filter.hasCreateTimeUntil()
            && Times.micros(filter.getCreateTimeUntil()) < Times.micros(until);
    return isEarlier ? filter : filter.toBuilder().setCreateTimeUntil(until).build();
  }

  /** Whether a job ended, or was created if it has not ended, at a time or earlier. */
  private static boolean isAged(JobRecord job, Instant youngest) {
    Timestamp since =
        job.getJob().getStatus().hasEndTime()
            ? job.getJob().getStatus().getEndTime()
            : job.getJob().getCreateTime();
    return !Times.instant(since).isAfter(youngest);
  }
}
