package dev.milepost.server.grpc.operations;

import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import dev.milepost.v1.Job;

/**
 * A job as a long-running operation.
 *
 * <p>The metadata is the job's {@code JobStatus}: state, progress, stage, small enough to be asked
 * for again and again. The response is the {@code Job} itself: an {@link Any} is of use only to who
 * knows the type within, and this is the one that everybody who knows the contract knows, with the
 * result and the outcome in it.
 */
final class JobOperations {
  private JobOperations() {}

  /** The operation that a job is now. */
  static Operation of(Job job) {
    Operation.Builder operation =
        Operation.newBuilder()
            .setName(OperationNames.of(job.getId()))
            .setMetadata(Any.pack(job.getStatus()));
    return switch (job.getStatus().getState()) {
      case JOB_STATE_QUEUED, JOB_STATE_RUNNING, JOB_STATE_CANCELLING -> operation.build();
      case JOB_STATE_SUCCEEDED -> operation.setDone(true).setResponse(Any.pack(job)).build();
      case JOB_STATE_FAILED ->
          operation.setDone(true).setError(OperationErrors.failed(job)).build();
      case JOB_STATE_CANCELLED ->
          operation.setDone(true).setError(OperationErrors.cancelled(job)).build();
      case JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("no job is " + job.getStatus().getState());
    };
  }
}
