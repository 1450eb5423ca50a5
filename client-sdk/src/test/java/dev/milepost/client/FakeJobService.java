package dev.milepost.client;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobResponse;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The fake server's JobService. */
final class FakeJobService extends JobServiceGrpc.JobServiceImplBase {
  private final FakeServer server;
  private final Map<String, FakeJob> byRequestId = new HashMap<>();

  FakeJobService(FakeServer server) {
    this.server = server;
  }

  static <R> void respond(FakeServer server, StreamObserver<R> to, Supplier<R> work) {
    R response;
    try {
      synchronized (server) {
        response = work.get();
        server.changed();
      }
    } catch (RuntimeException e) {
      to.onError(e);
      return;
    }
    to.onNext(response);
    to.onCompleted();
  }

  static FakeJob job(FakeServer server, String id) {
    FakeJob job = server.jobs.get(id);
    if (job == null) {
      throw FakeServer.error(Status.Code.NOT_FOUND, "JOB_NOT_FOUND", "", "").asRuntime();
    }
    return job;
  }

  @Override
  public void createJob(CreateJobRequest request, StreamObserver<CreateJobResponse> to) {
    respond(
        server,
        to,
        () -> {
          FakeJob known = byRequestId.get(request.getRequestId());
          if (known != null) {
            CreateJobResponse.Builder again = CreateJobResponse.newBuilder().setJob(known.job());
            return known.isHeld() ? again.setGrant(known.grant()).build() : again.build();
          }
          String id =
              request.getJobId().isEmpty() ? "job-" + server.jobs.size() : request.getJobId();
          FakeJob job = new FakeJob(server, id, request.getSpec());
          server.jobs.put(id, job);
          byRequestId.put(request.getRequestId(), job);
          CreateJobResponse.Builder response = CreateJobResponse.newBuilder().setCreated(true);
          if (request.hasStart()) {
            response.setGrant(job.start());
          }
          return response.setJob(job.job()).build();
        });
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> to) {
    respond(
        server,
        to,
        () -> GetJobResponse.newBuilder().setJob(job(server, request.getJobId()).job()).build());
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> to) {
    respond(
        server,
        to,
        () -> {
          FakeJob job = job(server, request.getJobId());
          if (JobStates.isFinished(job.state())) {
            throw FakeServer.error(
                    Status.Code.FAILED_PRECONDITION, "INVALID_STATE_TRANSITION", "", "")
                .asRuntime();
          }
          job.cancel(request.getReason(), Duration.ofSeconds(30));
          return CancelJobResponse.newBuilder().setJob(job.job()).build();
        });
  }

  /** Cancels two jobs per call in the order of their creation; ignores the filter. */
  @Override
  public void cancelJobs(CancelJobsRequest request, StreamObserver<CancelJobsResponse> to) {
    respond(
        server,
        to,
        () -> {
          List<FakeJob> all = List.copyOf(server.jobs.values());
          int from =
              request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
          int until = Math.min(from + 2, all.size());
          CancelJobsResponse.Builder response = CancelJobsResponse.newBuilder();
          for (FakeJob job : all.subList(from, until)) {
            if (!JobStates.isFinished(job.state())) {
              job.cancel(request.getReason(), Duration.ofSeconds(30));
              response.setCount(response.getCount() + 1);
            }
          }
          return response.setNextPageToken(until < all.size() ? "" + until : "").build();
        });
  }

  @Override
  public void waitJob(WaitJobRequest request, StreamObserver<WaitJobResponse> to) {
    respond(
        server,
        to,
        () -> {
          long end = System.nanoTime() + Times.duration(request.getWait()).toNanos();
          FakeJob job = job(server, request.getJobId());
          while (!JobStates.isFinished(job.state()) && System.nanoTime() < end) {
            try {
              server.wait(10);
            } catch (InterruptedException e) {
              throw Status.CANCELLED.asRuntimeException();
            }
          }
          return WaitJobResponse.newBuilder().setJob(job.job()).build();
        });
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> to) {
    synchronized (server) {
      if (!server.jobs.containsKey(request.getJobId())) {
        to.onError(FakeServer.error(Status.Code.NOT_FOUND, "JOB_NOT_FOUND", "", "").asRuntime());
        return;
      }
      server.watches.add(request, (ServerCallStreamObserver<WatchJobResponse>) to);
    }
  }
}
