package dev.milepost.server.grpc.operations;

import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import dev.milepost.v1.Job;

/**
 * Converts jobs to long-running operations.
 *
 * <p>The metadata is the job's {@code JobStatus}: state, progress and stage, small enough to be
 * polled. The response is the {@code Job} itself, with its result and outcome: an {@link Any} helps
 * only clients that know the type within, and this is the one type that every user of the contract
 * knows.
 */
final class JobOperations {
  private JobOperations() {}

  /** Returns a job as an operation. */
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
          throw new IllegalArgumentException(
              "no operation for state " + job.getStatus().getState());
    };
  }
}
