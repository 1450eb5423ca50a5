package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.JobClaims;
import dev.milepost.server.app.Reports;
import dev.milepost.server.app.WaitingClaim;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CompleteJobResponse;
import dev.milepost.v1.ConfirmCancelRequest;
import dev.milepost.v1.ConfirmCancelResponse;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.FailJobResponse;
import dev.milepost.v1.HeartbeatRequest;
import dev.milepost.v1.HeartbeatResponse;
import dev.milepost.v1.ReleaseJobRequest;
import dev.milepost.v1.ReleaseJobResponse;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.ReportResponse;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The RPCs of workers. */
@Singleton
public final class WorkerService extends WorkerServiceGrpc.WorkerServiceImplBase {
  private final JobClaims claims;
  private final Reports reports;
  private final OpenStreams streams;
  private final Reauthorization reauthorization;

  @Inject
  WorkerService(
      JobClaims claims, Reports reports, OpenStreams streams, Reauthorization reauthorization) {
    this.claims = claims;
    this.reports = reports;
    this.streams = streams;
    this.reauthorization = reauthorization;
  }

  @Override
  public void claimJobs(ClaimJobsRequest request, StreamObserver<ClaimJobsResponse> out) {
    UnaryClaimReply reply = new UnaryClaimReply((ServerCallStreamObserver<ClaimJobsResponse>) out);
    try {
      WaitingClaim claim = claims.claim(AccessInterceptor.caller(), request, reply);
      reply.onCancel(claim::cancel);
      if (claim.mayWait()) {
        reauthorization.watch(claim::fail);
      }
      claim.begin();
    } catch (RuntimeException | Error e) {
      reply.fail(e);
    }
  }

  @Override
  public void report(ReportRequest request, StreamObserver<ReportResponse> out) {
    Answers.answer(
        out,
        caller ->
            reports
                .report(caller, request.getJobId(), request.getAttemptToken(), request.getReport())
                .thenApply(ack -> ReportResponse.newBuilder().setAck(ack).build()));
  }

  @Override
  public StreamObserver<ReportStreamRequest> reportStream(
      StreamObserver<ReportStreamResponse> out) {
    Caller caller = AccessInterceptor.caller();
    ReportStream stream =
        new ReportStream(caller, reports, (ServerCallStreamObserver<ReportStreamResponse>) out);
    streams.watch(stream::endWith);
    return stream;
  }

  @Override
  public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> out) {
    Answers.answer(
        out,
        caller ->
            reports
                .heartbeat(caller, request.getJobId(), request.getAttemptToken())
                .thenApply(ack -> HeartbeatResponse.newBuilder().setAck(ack).build()));
  }

  @Override
  public void completeJob(CompleteJobRequest request, StreamObserver<CompleteJobResponse> out) {
    Answers.answer(
        out,
        caller ->
            reports
                .complete(
                    caller,
                    request.getJobId(),
                    request.getAttemptToken(),
                    request.getReport(),
                    request.getResult())
                .thenApply(job -> CompleteJobResponse.newBuilder().setJob(job).build()));
  }

  @Override
  public void failJob(FailJobRequest request, StreamObserver<FailJobResponse> out) {
    Answers.answer(
        out,
        caller ->
            reports
                .fail(
                    caller,
                    request.getJobId(),
                    request.getAttemptToken(),
                    request.getReport(),
                    request.getError())
                .thenApply(job -> FailJobResponse.newBuilder().setJob(job).build()));
  }

  @Override
  public void confirmCancel(
      ConfirmCancelRequest request, StreamObserver<ConfirmCancelResponse> out) {
    Answers.answer(
        out,
        caller ->
            reports
                .confirmCancel(
                    caller, request.getJobId(), request.getAttemptToken(), request.getReport())
                .thenApply(job -> ConfirmCancelResponse.newBuilder().setJob(job).build()));
  }

  @Override
  public void releaseJob(ReleaseJobRequest request, StreamObserver<ReleaseJobResponse> out) {
    Answers.answer(
        out,
        caller ->
            reports
                .release(
                    caller,
                    request.getJobId(),
                    request.getAttemptToken(),
                    request.getReport(),
                    request.getReason())
                .thenApply(job -> ReleaseJobResponse.newBuilder().setJob(job).build()));
  }
}
