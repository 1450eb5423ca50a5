package dev.milepost.server.grpc;

import dev.milepost.server.app.BatchCreation;
import dev.milepost.server.app.BulkChanges;
import dev.milepost.server.app.CallerReport;
import dev.milepost.server.app.ItemRetries;
import dev.milepost.server.app.JobAccess;
import dev.milepost.server.app.JobCreation;
import dev.milepost.server.app.JobExplanations;
import dev.milepost.server.app.JobQueries;
import dev.milepost.server.app.JobShares;
import dev.milepost.server.app.JobSummaries;
import dev.milepost.server.app.JobViews;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.SpecValidation;
import dev.milepost.server.job.Times;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.BatchGetJobsResponse;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobResponse;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CleanupJobsResponse;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.DeleteJobResponse;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.DeleteJobsResponse;
import dev.milepost.v1.ExplainJobRequest;
import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.GetCallerRequest;
import dev.milepost.v1.GetCallerResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListItemsResponse;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListJournalResponse;
import dev.milepost.v1.ListSharesRequest;
import dev.milepost.v1.ListSharesResponse;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryFailedItemsResponse;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.RetryJobResponse;
import dev.milepost.v1.RetryJobsRequest;
import dev.milepost.v1.RetryJobsResponse;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.UnshareJobResponse;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.UpdateJobResponse;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchProgressResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The RPCs of callers. */
@Singleton
public final class JobService extends JobServiceGrpc.JobServiceImplBase {
  private static final long MAX_GRACE_SECONDS = Duration.ofDays(1).toSeconds();

  private final JobAccess access;
  private final JobCreation creation;
  private final BatchCreation batches;
  private final JobQueries queries;
  private final Watches watches;
  private final JobWaits waits;
  private final BulkChanges bulk;
  private final ItemRetries retries;
  private final JobSummaries summaries;
  private final JobShares shares;
  private final JobExplanations explanations;
  private final OpenStreams streams;
  private final CallerReport callers;

  @Inject
  JobService(
      JobAccess access,
      JobCreation creation,
      BatchCreation batches,
      JobQueries queries,
      Watches watches,
      JobWaits waits,
      BulkChanges bulk,
      ItemRetries retries,
      JobSummaries summaries,
      JobShares shares,
      JobExplanations explanations,
      OpenStreams streams,
      CallerReport callers) {
    this.access = access;
    this.creation = creation;
    this.batches = batches;
    this.queries = queries;
    this.watches = watches;
    this.waits = waits;
    this.bulk = bulk;
    this.retries = retries;
    this.summaries = summaries;
    this.shares = shares;
    this.explanations = explanations;
    this.streams = streams;
    this.callers = callers;
  }

  @Override
  public void getCaller(GetCallerRequest request, StreamObserver<GetCallerResponse> out) {
    Answers.answer(
        out,
        caller -> CompletableFuture.completedStage(callers.of(AccessInterceptor.provedCaller())));
  }

  @Override
  public void createJob(CreateJobRequest request, StreamObserver<CreateJobResponse> out) {
    Answers.answer(out, caller -> creation.create(caller, request));
  }

  @Override
  public StreamObserver<CreateJobsRequest> createJobs(StreamObserver<CreateJobsResponse> out) {
    BatchStream stream =
        new BatchStream(
            AccessInterceptor.caller(),
            batches,
            (ServerCallStreamObserver<CreateJobsResponse>) out);
    streams.watch(stream::endWith);
    return stream;
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> out) {
    Answers.answer(
        out,
        caller -> {
          FieldChecks violations = new FieldChecks();
          JobViews.validate(violations, request.getView());
          violations.orThrow();
          return access
              .read(caller, request.getJobId())
              .thenApply(
                  record ->
                      GetJobResponse.newBuilder()
                          .setJob(JobViews.of(request.getView()).apply(record.getJob()))
                          .build());
        });
  }

  @Override
  public void explainJob(ExplainJobRequest request, StreamObserver<ExplainJobResponse> out) {
    Answers.answer(out, caller -> explanations.explain(caller, request));
  }

  @Override
  public void batchGetJobs(BatchGetJobsRequest request, StreamObserver<BatchGetJobsResponse> out) {
    Answers.answer(out, caller -> queries.batchGet(caller, request));
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> out) {
    Answers.answer(out, caller -> queries.list(caller, request));
  }

  @Override
  public void countJobs(CountJobsRequest request, StreamObserver<CountJobsResponse> out) {
    Answers.answer(out, caller -> queries.count(caller, request));
  }

  @Override
  public void updateJob(UpdateJobRequest request, StreamObserver<UpdateJobResponse> out) {
    Answers.answer(
        out,
        caller -> {
          FieldChecks violations = new FieldChecks();
          SpecValidation.update(violations, request.getSpec(), request.getUpdateMask());
          violations.orThrow();
          JobCommand update =
              new JobCommand.Update(request.getSpec(), request.getUpdateMask(), request.getEtag());
          return access
              .change(caller, request.getJobId(), update)
              .thenApply(job -> UpdateJobResponse.newBuilder().setJob(job).build());
        });
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> out) {
    Answers.answer(
        out,
        caller -> {
          FieldChecks violations = new FieldChecks();
          violations.atMost("reason", request.getReason(), 1_024);
          violations.duration("grace", request.getGrace(), 0, MAX_GRACE_SECONDS);
          violations.orThrow();
          @Nullable Duration grace = request.hasGrace() ? Times.duration(request.getGrace()) : null;
          return access
              .change(
                  caller,
                  request.getJobId(),
                  new JobCommand.Cancel(caller.userId(), request.getReason(), grace))
              .thenApply(job -> CancelJobResponse.newBuilder().setJob(job).build());
        });
  }

  @Override
  public void cancelJobs(CancelJobsRequest request, StreamObserver<CancelJobsResponse> out) {
    Answers.answer(out, caller -> bulk.cancel(caller, request, CallScope.current().bulk()));
  }

  @Override
  public void retryJob(RetryJobRequest request, StreamObserver<RetryJobResponse> out) {
    Answers.answer(
        out,
        caller ->
            access
                .change(caller, request.getJobId(), new JobCommand.Retry(caller.userId()))
                .thenApply(job -> RetryJobResponse.newBuilder().setJob(job).build()));
  }

  @Override
  public void retryJobs(RetryJobsRequest request, StreamObserver<RetryJobsResponse> out) {
    Answers.answer(out, caller -> bulk.retry(caller, request, CallScope.current().bulk()));
  }

  @Override
  public void deleteJobs(DeleteJobsRequest request, StreamObserver<DeleteJobsResponse> out) {
    Answers.answer(out, caller -> bulk.delete(caller, request, CallScope.current().bulk()));
  }

  @Override
  public void deleteJob(DeleteJobRequest request, StreamObserver<DeleteJobResponse> out) {
    Answers.answer(
        out,
        caller ->
            access
                .change(caller, request.getJobId(), new JobCommand.Delete(request.getEtag()))
                .thenApply(job -> DeleteJobResponse.getDefaultInstance()));
  }

  @Override
  public void cleanupJobs(CleanupJobsRequest request, StreamObserver<CleanupJobsResponse> out) {
    Answers.answer(out, caller -> bulk.cleanup(caller, request, CallScope.current().bulk()));
  }

  @Override
  public void waitJob(WaitJobRequest request, StreamObserver<WaitJobResponse> out) {
    Answers.answer(out, caller -> waits.await(caller, request));
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> out) {
    watches.watchJob(AccessInterceptor.caller(), request, out);
  }

  @Override
  public void watchJobs(WatchJobsRequest request, StreamObserver<WatchJobsResponse> out) {
    watches.watchJobs(AccessInterceptor.caller(), request, out);
  }

  @Override
  public void listJournal(ListJournalRequest request, StreamObserver<ListJournalResponse> out) {
    Answers.answer(out, caller -> queries.journal(caller, request));
  }

  @Override
  public void getProgress(GetProgressRequest request, StreamObserver<GetProgressResponse> out) {
    Answers.answer(out, caller -> summaries.progress(caller, request.getJobId()));
  }

  @Override
  public void watchProgress(
      WatchProgressRequest request, StreamObserver<WatchProgressResponse> out) {
    watches.watchProgress(AccessInterceptor.caller(), request, out);
  }

  @Override
  public void shareJob(ShareJobRequest request, StreamObserver<ShareJobResponse> out) {
    Answers.answer(out, caller -> shares.share(caller, request));
  }

  @Override
  public void listShares(ListSharesRequest request, StreamObserver<ListSharesResponse> out) {
    Answers.answer(out, caller -> shares.list(caller, request.getJobId()));
  }

  @Override
  public void unshareJob(UnshareJobRequest request, StreamObserver<UnshareJobResponse> out) {
    Answers.answer(out, caller -> shares.unshare(caller, request));
  }

  @Override
  public void getOutcome(GetOutcomeRequest request, StreamObserver<GetOutcomeResponse> out) {
    Answers.answer(out, caller -> summaries.outcome(caller, request.getJobId()));
  }

  @Override
  public void listItems(ListItemsRequest request, StreamObserver<ListItemsResponse> out) {
    Answers.answer(out, caller -> queries.items(caller, request));
  }

  @Override
  public void retryFailedItems(
      RetryFailedItemsRequest request, StreamObserver<RetryFailedItemsResponse> out) {
    Answers.answer(out, caller -> retries.retry(caller, request, CallScope.current().bulk()));
  }
}
