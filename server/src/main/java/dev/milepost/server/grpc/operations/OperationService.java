package dev.milepost.server.grpc.operations;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Empty;
import dev.milepost.server.access.Caller;
import dev.milepost.server.app.JobAccess;
import dev.milepost.server.app.JobQueries;
import dev.milepost.server.app.Pages;
import dev.milepost.server.grpc.Answers;
import dev.milepost.server.grpc.JobService;
import dev.milepost.server.grpc.JobWaits;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.Times;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Serves jobs as long-running operations (AIP-151) for clients that know nothing of Milepost. Each
 * call does what the one of {@link JobService} does.
 */
@Singleton
public final class OperationService extends OperationsGrpc.OperationsImplBase {
  /** Longest valid {@code google.protobuf.Duration}, in seconds. */
  private static final long MAX_SECONDS = 315_576_000_000L;

  private final JobAccess access;
  private final JobQueries queries;
  private final JobWaits waits;
  private final Pages pages;

  @Inject
  public OperationService(JobAccess access, JobQueries queries, JobWaits waits, Pages pages) {
    this.access = access;
    this.queries = queries;
    this.waits = waits;
    this.pages = pages;
  }

  @Override
  public void getOperation(GetOperationRequest request, StreamObserver<Operation> out) {
    Answers.answer(
        out,
        caller ->
            access
                .read(caller, jobId(request.getName()))
                .thenApply(record -> JobOperations.of(record.getJob())));
  }

  @Override
  public void listOperations(
      ListOperationsRequest request, StreamObserver<ListOperationsResponse> out) {
    Answers.answer(out, caller -> list(caller, request));
  }

  @Override
  public void waitOperation(WaitOperationRequest request, StreamObserver<Operation> out) {
    Answers.answer(
        out,
        caller -> {
          FieldChecks violations = new FieldChecks();
          String jobId = OperationNames.jobId(violations, request.getName());
          violations.duration("timeout", request.getTimeout(), 0, MAX_SECONDS);
          violations.orThrow();
          return waits.awaitEnd(caller, jobId, maxWait(request)).thenApply(JobOperations::of);
        });
  }

  @Override
  public void cancelOperation(CancelOperationRequest request, StreamObserver<Empty> out) {
    Answers.answer(
        out,
        caller ->
            change(caller, request.getName(), new JobCommand.Cancel(caller.userId(), "", null)));
  }

  /**
   * Deletes a finished job. The protocol does not let this cancel work, so an unfinished one is
   * refused.
   */
  @Override
  public void deleteOperation(DeleteOperationRequest request, StreamObserver<Empty> out) {
    Answers.answer(
        out, caller -> change(caller, request.getName(), new JobCommand.Delete("", true)));
  }

  private CompletionStage<Empty> change(Caller caller, String name, JobCommand command) {
    return access.change(caller, jobId(name), command).thenApply(job -> Empty.getDefaultInstance());
  }

  /**
   * Lists the operations of the caller's tenant only, also for an ADMIN: the name of an operation
   * is unique within its tenant, and each listed one must be found by its name.
   */
  private CompletionStage<ListOperationsResponse> list(
      Caller caller, ListOperationsRequest request) {
    FieldChecks violations = new FieldChecks();
    violations.check(
        request.getName().isEmpty() || request.getName().equals(OperationNames.COLLECTION),
        "name",
        "must be " + OperationNames.COLLECTION);
    Set<JobState> states = OperationFilter.states(violations, request.getFilter());
    Pages.validate(violations, request.getPageSize());
    violations.orThrow();
    if (states.isEmpty()) {
      return CompletableFuture.completedFuture(ListOperationsResponse.getDefaultInstance());
    }
    JobFilter.Builder filter = JobFilter.newBuilder().setTenantId(caller.tenantId());
    if (!states.equals(OperationFilter.allStates())) {
      filter.addAllStates(states);
    }
    JobFilter narrowed = access.policy().narrow(caller, filter.build());
    Optional<String> after = pages.position(caller, request, request.getPageToken());
    return queries
        .page(
            caller,
            (limit, shape) -> queries.newestFirst(narrowed, after, limit, shape),
            JobQueries.pageSize(request.getPageSize()),
            JobOperations::of)
        .thenApply(
            page ->
                ListOperationsResponse.newBuilder()
                    .addAllOperations(page.shown())
                    .setNextPageToken(pages.token(caller, request, page.next()))
                    .build());
  }

  /** Returns the requested wait, or the longest possible; the call's deadline bounds it too. */
  private static Duration maxWait(WaitOperationRequest request) {
    if (!request.hasTimeout()) {
      return JobWaits.MAX_WAIT;
    }
    Duration wait = Times.duration(request.getTimeout());
    return wait.compareTo(JobWaits.MAX_WAIT) < 0 ? wait : JobWaits.MAX_WAIT;
  }

  private static String jobId(String name) {
    FieldChecks violations = new FieldChecks();
    String jobId = OperationNames.jobId(violations, name);
    violations.orThrow();
    return jobId;
  }
}
