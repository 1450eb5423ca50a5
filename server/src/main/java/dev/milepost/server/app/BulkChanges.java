package dev.milepost.server.app;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.Times;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CleanupJobsResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
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

/** Cancels or deletes all jobs that match a filter, as far as the caller is permitted to. */
@Singleton
public final class BulkChanges {
  /** States of jobs that can be cancelled and have not been. */
  private static final List<JobState> CANCELLABLE =
      List.of(JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_RUNNING);

  private static final List<JobState> FINISHED =
      List.of(
          JobState.JOB_STATE_SUCCEEDED, JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);

  private static final long MAX_AGE_SECONDS = Duration.ofDays(36_600).toSeconds();
  private static final Duration GRAIN = Duration.ofNanos(1_000);
  private static final Duration CLOCK_SET_BACK = Duration.ofDays(1);

  private final SlicedChange change;
  private final JobAccess access;
  private final Pages pages;
  private final InstantSource clock;

  @Inject
  public BulkChanges(SlicedChange change, JobAccess access, Pages pages, InstantSource clock) {
    this.change = change;
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
    JobFilter selected = access.policy().narrow(caller, request.getFilter());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    List<JobState> states = new ArrayList<>(CANCELLABLE);
    if (selected.getStatesCount() > 0) {
      states.retainAll(selected.getStatesList());
    }
    if (states.isEmpty()) {
      return CompletableFuture.completedFuture(CancelJobsResponse.getDefaultInstance());
    }
    return change
        .apply(
            caller,
            selected.toBuilder().clearStates().addAllStates(states).build(),
            true,
            after,
            new JobCommand.Cancel(caller.userId(), request.getReason(), null),
            call)
        .thenApply(
            result ->
                CancelJobsResponse.newBuilder()
                    .setCount(result.count())
                    .setNextPageToken(pages.token(caller, request, result.next()))
                    .build());
  }

  public CompletionStage<CleanupJobsResponse> cleanup(
      Caller caller, CleanupJobsRequest request, BulkCall call) {
    FieldChecks violations = new FieldChecks();
    // An omitted age must not select all jobs.
    violations.check(request.hasOlderThan(), "older_than", "is required");
    violations.duration("older_than", request.getOlderThan(), 0, MAX_AGE_SECONDS);
    JobValidation.owner(violations, "user_id", request.getUserId());
    JobValidation.tenantId(violations, "tenant_id", request.getTenantId());
    violations.orThrow();
    JobFilter whose = access.policy().cleanup(caller, request.getTenantId(), request.getUserId());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    Instant youngest = clock.instant().minus(Times.duration(request.getOlderThan()));
    if (youngest.isBefore(Instant.EPOCH)) {
      return CompletableFuture.completedFuture(CleanupJobsResponse.getDefaultInstance());
    }
    JobFilter selected =
        whose.toBuilder()
            .addAllStates(FINISHED)
            // The end of a filter is exclusive, an age is inclusive.
            .setEndTimeUntil(Times.timestamp(youngest.plus(GRAIN)))
            // Bounds the scan: a job's creation time is later than its end time only if a clock was
            // set back.
            .setCreateTimeUntil(Times.timestamp(youngest.plus(CLOCK_SET_BACK)))
            .build();
    return change
        .apply(caller, selected, false, after, new JobCommand.Delete(""), call)
        .thenApply(
            result ->
                CleanupJobsResponse.newBuilder()
                    .setCount(result.count())
                    .setNextPageToken(pages.token(caller, request, result.next()))
                    .build());
  }
}
