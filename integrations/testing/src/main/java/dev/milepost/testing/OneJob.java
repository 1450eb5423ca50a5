package dev.milepost.testing;

import dev.milepost.v1.GetJobResponse;
import dev.milepost.v1.GetOutcomeResponse;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.WaitJobResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import org.jspecify.annotations.Nullable;

/** Answers the calls of a client in the stead of a server that has one job, which never changes. */
final class OneJob implements ClientInterceptor {
  private final Job job;

  OneJob(Job job) {
    this.job = job;
  }

  /**
   * Returns the answer of the server.
   *
   * @throws StatusException if there is none
   */
  private Object answer(String rpc) throws StatusException {
    JobStatus status = job.getStatus();
    return switch (rpc) {
      case "GetJob" -> GetJobResponse.newBuilder().setJob(job).build();
      case "WaitJob" -> WaitJobResponse.newBuilder().setJob(finished()).build();
      case "GetProgress" ->
          GetProgressResponse.newBuilder()
              .setJobId(job.getId())
              .setType(job.getSpec().getType())
              .setDisplayName(job.getSpec().getDisplayName())
              .setState(status.getState())
              .setHealth(status.getHealth())
              .setProgress(status.getProgress())
              .setStage(status.getStage())
              .putAllOutcome(status.getOutcomeMap())
              .build();
      case "GetOutcome" -> outcome();
      default ->
          throw Status.UNIMPLEMENTED
              .withDescription(
                  rpc + " needs a server. This handle is of a job that exists in the test only.")
              .asException();
    };
  }

  private GetOutcomeResponse outcome() {
    JobStatus status = job.getStatus();
    GetOutcomeResponse.Builder outcome =
        GetOutcomeResponse.newBuilder()
            .setJobId(job.getId())
            .setType(job.getSpec().getType())
            .setDisplayName(job.getSpec().getDisplayName())
            .setState(status.getState())
            .putAllOutcome(status.getOutcomeMap())
            .setResult(status.getResult());
    if (status.hasError()) {
      outcome.setError(status.getError());
    }
    return outcome.build();
  }

  /** Returns the job if waiting for it makes sense. */
  private Job finished() throws StatusException {
    JobState state = job.getStatus().getState();
    if (!JobHistory.isFinal(state)) {
      throw Status.FAILED_PRECONDITION
          .withDescription(
              "Job %s is %s and never changes, as it exists in the test only. Make the handle of a job that has finished."
                  .formatted(job.getId(), state))
          .asException();
    }
    return job;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new Answered<>(String.valueOf(method.getBareMethodName()));
  }

  /** A call that is answered when its request is complete. */
  private final class Answered<Q, R> extends ClientCall<Q, R> {
    private final String rpc;
    private @Nullable Listener<R> listener;

    Answered(String rpc) {
      this.rpc = rpc;
    }

    @Override
    public void start(Listener<R> responses, Metadata headers) {
      this.listener = responses;
    }

    @Override
    @SuppressWarnings("unchecked") // The answer is of the RPC's type.
    public void halfClose() {
      if (listener == null) {
        return;
      }
      try {
        R answer = (R) answer(rpc);
        listener.onHeaders(new Metadata());
        listener.onMessage(answer);
        listener.onClose(Status.OK, new Metadata());
      } catch (StatusException e) {
        listener.onClose(e.getStatus(), new Metadata());
      }
    }

    @Override
    public void request(int numMessages) {}

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {}

    @Override
    public void sendMessage(Q message) {}
  }
}
