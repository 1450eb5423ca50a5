package dev.milepost.client;

import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CompleteJobResponse;
import dev.milepost.v1.ConfirmCancelRequest;
import dev.milepost.v1.ConfirmCancelResponse;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.FailJobResponse;
import dev.milepost.v1.HeartbeatRequest;
import dev.milepost.v1.HeartbeatResponse;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ReleaseJobRequest;
import dev.milepost.v1.ReleaseJobResponse;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The fake server's WorkerService. */
final class FakeWorkerService extends WorkerServiceGrpc.WorkerServiceImplBase {
  private final FakeServer server;
  private final Map<String, List<String>> claims = new HashMap<>();

  FakeWorkerService(FakeServer server) {
    this.server = server;
  }

  private FakeJob job(String id) {
    return FakeJobService.job(server, id);
  }

  @Override
  public void claimJobs(ClaimJobsRequest request, StreamObserver<ClaimJobsResponse> to) {
    ServerCallStreamObserver<ClaimJobsResponse> call =
        (ServerCallStreamObserver<ClaimJobsResponse>) to;
    ClaimJobsResponse.Builder response = ClaimJobsResponse.newBuilder();
    synchronized (server) {
      long end = System.nanoTime() + Times.duration(request.getWait()).toNanos();
      List<String> ids = claims.get(request.getRequestId());
      while (ids == null && System.nanoTime() < end && !call.isCancelled()) {
        ids = take(request);
        try {
          server.wait(5);
        } catch (InterruptedException e) {
          break;
        }
      }
      for (String id : Objects.requireNonNullElse(ids, List.<String>of())) {
        if (job(id).isHeld()) {
          response.addJobs(ClaimedJob.newBuilder().setJob(job(id).job()).setGrant(job(id).grant()));
        }
      }
    }
    if (!call.isCancelled()) {
      to.onNext(response.build());
      to.onCompleted();
    }
  }

  private List<String> take(ClaimJobsRequest request) {
    List<String> ids = new ArrayList<>();
    for (FakeJob job : server.jobs.values()) {
      boolean wanted =
          request.getTypesList().isEmpty()
              || request.getTypesList().contains(job.job().getSpec().getType());
      if (ids.size() < request.getMaxJobs() && wanted && job.state() == JobState.JOB_STATE_QUEUED) {
        job.start();
        ids.add(job.job().getId());
      }
    }
    if (ids.isEmpty()) {
      return null;
    }
    claims.put(request.getRequestId(), ids);
    server.changed();
    return ids;
  }

  @Override
  public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> to) {
    FakeJobService.respond(
        server,
        to,
        () ->
            HeartbeatResponse.newBuilder()
                .setAck(job(request.getJobId()).heartbeat(request.getAttemptToken()))
                .build());
  }

  @Override
  public StreamObserver<ReportStreamRequest> reportStream(StreamObserver<ReportStreamResponse> to) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ReportStreamRequest request) {
        ReportStreamResponse.Builder response =
            ReportStreamResponse.newBuilder()
                .setJobId(request.getJobId())
                .setReportSeq(request.getReport().getReportSeq());
        synchronized (server) {
          try {
            FakeJob job = job(request.getJobId());
            response.setAck(
                request.hasReport()
                    ? job.report(request.getAttemptToken(), request.getReport())
                    : job.renew(request.getAttemptToken()));
            server.changed();
          } catch (StatusRuntimeException e) {
            response.setError(Objects.requireNonNull(StatusProto.fromThrowable(e)));
          }
        }
        if (!server.streamsDoNotRespond) {
          to.onNext(response.build());
        }
      }

      @Override
      public void onError(Throwable thrown) {}

      @Override
      public void onCompleted() {
        to.onCompleted();
      }
    };
  }

  @Override
  public void completeJob(CompleteJobRequest request, StreamObserver<CompleteJobResponse> to) {
    FakeJobService.respond(
        server,
        to,
        () -> {
          FakeJob job = job(request.getJobId());
          job.end(
              request.getAttemptToken(),
              request.getReport(),
              request,
              JobState.JOB_STATE_SUCCEEDED);
          job.builder().getStatusBuilder().setResult(request.getResult());
          return CompleteJobResponse.newBuilder().setJob(job.job()).build();
        });
  }

  @Override
  public void failJob(FailJobRequest request, StreamObserver<FailJobResponse> to) {
    FakeJobService.respond(
        server,
        to,
        () -> {
          FakeJob job = job(request.getJobId());
          JobState after =
              job.state() == JobState.JOB_STATE_CANCELLING
                  ? JobState.JOB_STATE_CANCELLED
                  : JobState.JOB_STATE_FAILED;
          job.end(request.getAttemptToken(), request.getReport(), request, after);
          job.builder().getStatusBuilder().setError(request.getError());
          return FailJobResponse.newBuilder().setJob(job.job()).build();
        });
  }

  @Override
  public void confirmCancel(
      ConfirmCancelRequest request, StreamObserver<ConfirmCancelResponse> to) {
    FakeJobService.respond(
        server,
        to,
        () -> {
          FakeJob job = job(request.getJobId());
          if (job.state() == JobState.JOB_STATE_RUNNING) {
            throw FakeServer.error(
                    Status.Code.FAILED_PRECONDITION, "INVALID_STATE_TRANSITION", "", "")
                .asRuntime();
          }
          job.end(
              request.getAttemptToken(),
              request.getReport(),
              request,
              JobState.JOB_STATE_CANCELLED);
          return ConfirmCancelResponse.newBuilder().setJob(job.job()).build();
        });
  }

  @Override
  public void releaseJob(ReleaseJobRequest request, StreamObserver<ReleaseJobResponse> to) {
    FakeJobService.respond(
        server,
        to,
        () -> {
          FakeJob job = job(request.getJobId());
          if (job.state() == JobState.JOB_STATE_CANCELLING) {
            throw FakeServer.error(
                    Status.Code.FAILED_PRECONDITION, "INVALID_STATE_TRANSITION", "", "")
                .asRuntime();
          }
          job.end(
              request.getAttemptToken(), request.getReport(), request, JobState.JOB_STATE_QUEUED);
          return ReleaseJobResponse.newBuilder().setJob(job.job()).build();
        });
  }
}
