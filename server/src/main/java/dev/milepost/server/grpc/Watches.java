package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.app.JobAccess;
import dev.milepost.server.app.JobShares;
import dev.milepost.server.app.JobSummaries;
import dev.milepost.server.app.JobViews;
import dev.milepost.server.app.LiveStats;
import dev.milepost.server.app.Pages;
import dev.milepost.server.app.StatsScope;
import dev.milepost.server.app.StatsSnapshot;
import dev.milepost.server.app.TaskViews;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobValidation;
import dev.milepost.server.job.JournalLevels;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.JobWatchOptions;
import dev.milepost.server.watch.ListWatchHub;
import dev.milepost.server.watch.ListWatchPosition;
import dev.milepost.server.watch.ValueWatchHub;
import dev.milepost.server.watch.Watch;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchProgressResponse;
import dev.milepost.v1.WatchStatsRequest;
import dev.milepost.v1.WatchStatsResponse;
import dev.milepost.v1.WatchTaskRequest;
import dev.milepost.v1.WatchTaskResponse;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Opens watches of what their callers may read, each on its own stream. */
@Singleton
public final class Watches {
  private static final String SEQUENCE = "sequence";
  private static final String RESUME_TOKEN = "resume_token";

  private final JobAccess access;
  private final TaskViews tasks;
  private final JobSummaries summaries;
  private final JobShares shares;
  private final JobWatchHub jobHub;
  private final ListWatchHub listHub;
  private final ValueWatchHub<StatsScope, StatsSnapshot> statsHub;
  private final LiveStats stats;
  private final Pages pages;
  private final Reauthorization reauthorization;

  @Inject
  Watches(
      JobAccess access,
      TaskViews tasks,
      JobSummaries summaries,
      JobShares shares,
      JobWatchHub jobHub,
      ListWatchHub listHub,
      ValueWatchHub<StatsScope, StatsSnapshot> statsHub,
      LiveStats stats,
      Pages pages,
      Reauthorization reauthorization) {
    this.access = access;
    this.tasks = tasks;
    this.summaries = summaries;
    this.shares = shares;
    this.jobHub = jobHub;
    this.listHub = listHub;
    this.statsHub = statsHub;
    this.stats = stats;
    this.pages = pages;
    this.reauthorization = reauthorization;
  }

  /** Watches one job. */
  void watchJob(Caller caller, WatchJobRequest request, StreamObserver<WatchJobResponse> out) {
    WatchStream<WatchJobResponse> stream = new WatchStream<>(out, SEQUENCE);
    stream.open(reauthorization, () -> openJob(caller, request, stream));
  }

  private CompletionStage<Watch> openJob(
      Caller caller, WatchJobRequest request, WatchStream<WatchJobResponse> stream) {
    FieldChecks checks = new FieldChecks();
    checks.check(request.getAfterSequence() >= 0, "after_sequence", "must not be negative");
    checks.check(request.getTail() >= 0, "tail", "must not be negative");
    JobValidation.time(checks, "job_create_time", request.getJobCreateTime());
    JournalLevels.validate(checks, request.getMinLevel(), request.getLevelsList());
    checks.check(
        !request.getOmitStatus() || !request.getOmitJournal(),
        "omit_journal",
        "must not be set with omit_status");
    checks.orThrow();
    JobWatchOptions options =
        new JobWatchOptions(
            request.getAfterSequence(),
            request.getTail(),
            JournalLevels.of(request.getMinLevel(), request.getLevelsList(), request.getLogsOnly()),
            request.getOmitStatus(),
            request.getOmitJournal(),
            request.hasJobCreateTime()
                ? Optional.of(request.getJobCreateTime())
                : Optional.empty());
    return access
        .read(caller, request.getJobId())
        .thenApply(record -> jobHub.open(JobKey.of(record), options, stream));
  }

  /** Watches all jobs that match a filter. */
  void watchJobs(Caller caller, WatchJobsRequest request, StreamObserver<WatchJobsResponse> out) {
    WatchStream<WatchJobsResponse> stream = new WatchStream<>(out, RESUME_TOKEN);
    stream.open(
        reauthorization,
        () -> CompletableFuture.completedFuture(openList(caller, request, stream)));
  }

  private Watch openList(
      Caller caller, WatchJobsRequest request, WatchStream<WatchJobsResponse> stream) {
    FieldChecks checks = new FieldChecks();
    JobFilters.validate(checks, request.getFilter());
    JobViews.validate(checks, request.getView());
    checks.orThrow();
    JobFilter filter = access.policy().narrow(caller, request.getFilter());
    ListWatchPosition position =
        pages
            .positionIn(RESUME_TOKEN, caller, request, request.getResumeToken())
            .map(ListWatchPosition::parse)
            .orElse(null);
    return listHub.open(
        filter,
        JobViews.of(request.getView()),
        position,
        reached -> pages.tokenIn(RESUME_TOKEN, caller, request, Optional.of(reached.toString())),
        stream);
  }

  /** Watches the progress of one job. */
  void watchProgress(
      Caller caller, WatchProgressRequest request, StreamObserver<WatchProgressResponse> out) {
    WatchStream<WatchProgressResponse> stream = new WatchStream<>(out, "");
    stream.open(
        reauthorization,
        () ->
            summaries
                .readProgress(caller, request.getJobId())
                .thenApply(
                    record ->
                        jobHub.open(
                            JobKey.of(record),
                            JobWatchOptions.STATUS_ONLY.checked(job -> shares.require(caller, job)),
                            new JobViewSink<>(
                                stream, progress(), reason -> JobShares.shownTo(caller, reason)))));
  }

  private JobViewSink.View<WatchProgressResponse> progress() {
    return new JobViewSink.View<>(
        WatchProgressResponse.getDefaultInstance(),
        job -> WatchProgressResponse.newBuilder().setProgress(summaries.progress(job)).build(),
        Watches::withoutTime);
  }

  private static WatchProgressResponse withoutTime(WatchProgressResponse response) {
    WatchProgressResponse.Builder comparable = response.toBuilder();
    comparable.getProgressBuilder().clearUpdateTime().clearDuration().clearRemaining();
    return comparable.build();
  }

  /** Watches the statistics of a tenant, of all, or of a user. */
  void watchStats(
      Caller caller, WatchStatsRequest request, StreamObserver<WatchStatsResponse> out) {
    WatchStream<WatchStatsResponse> stream = new WatchStream<>(out, "");
    stream.open(
        reauthorization,
        () ->
            CompletableFuture.completedFuture(
                statsHub.open(
                    stats.scope(caller, request),
                    new StatsMessages(caller.is(Role.ADMIN)),
                    stream)));
  }

  /** What is new in statistics; what the server is busy with is told to an ADMIN only. */
  private record StatsMessages(boolean withLoad)
      implements ValueWatchHub.Messages<StatsSnapshot, WatchStatsResponse> {
    @Override
    public Optional<WatchStatsResponse> since(StatsSnapshot snapshot, long sent) {
      return snapshot.since(sent, withLoad);
    }

    @Override
    public WatchStatsResponse bookmark() {
      return WatchStatsResponse.getDefaultInstance();
    }
  }

  /** Watches a task with its steps. */
  void watchTask(Caller caller, WatchTaskRequest request, StreamObserver<WatchTaskResponse> out) {
    WatchStream<WatchTaskResponse> stream = new WatchStream<>(out, "");
    stream.open(
        reauthorization,
        () ->
            tasks
                .read(caller, request.getJobId())
                .thenApply(
                    task ->
                        jobHub.open(
                            JobKey.of(task),
                            JobWatchOptions.STATUS_ONLY,
                            new JobViewSink<>(
                                stream,
                                task(task.getParentRecord().getStepsList()),
                                UnaryOperator.identity()))));
  }

  /** The steps of a task never change. */
  private static JobViewSink.View<WatchTaskResponse> task(List<StepRecord> steps) {
    return new JobViewSink.View<>(
        WatchTaskResponse.getDefaultInstance(),
        job -> WatchTaskResponse.newBuilder().setTask(TaskViews.of(steps, job)).build(),
        UnaryOperator.identity());
  }
}
