package dev.milepost.server.grpc.operations;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.milepost.server.job.ErrorStatus;
import dev.milepost.v1.CancelInfo;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Converts the error of a job to a status. The details of its {@link JobError} and its stack trace
 * are in the operation's metadata.
 */
final class OperationErrors {
  /** Codes that would make a failed job look completed or cancelled. */
  private static final Set<Code> NO_FAILURE =
      EnumSet.of(Code.OK, Code.CANCELLED, Code.UNRECOGNIZED);

  private static final Map<String, Code> BY_NAME =
      Arrays.stream(Code.values())
          .filter(code -> !NO_FAILURE.contains(code))
          .collect(Collectors.toUnmodifiableMap(Code::name, code -> code));

  private OperationErrors() {}

  /** Returns the status of a FAILED job. */
  static Status failed(Job job) {
    JobError error = job.getStatus().getError();
    return status(job, code(error.getCode()), error.getCode(), error.getMessage());
  }

  /**
   * Returns the status of a CANCELLED job. The reason is that of the job's error, if it has one.
   */
  static Status cancelled(Job job) {
    CancelInfo cancel = job.getStatus().getCancel();
    String why = cancel.getReason().isEmpty() ? "." : ": " + cancel.getReason();
    String reason =
        job.getStatus().hasError() ? job.getStatus().getError().getCode() : Code.CANCELLED.name();
    return status(job, Code.CANCELLED, reason, "Cancelled by " + cancel.getRequestedBy() + why);
  }

  /**
   * Maps the server's own error codes by meaning. A worker's code is used as it is if google.rpc
   * has it; any other code means nothing to clients that do not know the worker.
   */
  private static Code code(String jobCode) {
    return switch (jobCode) {
      case "LEASE_EXPIRED" -> Code.UNAVAILABLE;
      case "QUEUE_TIMEOUT", "ATTEMPT_TIMEOUT", "TOTAL_TIMEOUT" -> Code.DEADLINE_EXCEEDED;
      default -> BY_NAME.getOrDefault(jobCode, Code.UNKNOWN);
    };
  }

  private static Status status(Job job, Code code, String reason, String message) {
    ErrorInfo info =
        ErrorInfo.newBuilder()
            .setReason(reason)
            .setDomain(ErrorStatus.DOMAIN)
            .putMetadata("job_id", job.getId())
            .putMetadata("attempt", Integer.toString(job.getStatus().getAttempt()))
            .build();
    return Status.newBuilder()
        .setCode(code.getNumber())
        .setMessage(message)
        .addDetails(Any.pack(info))
        .build();
  }
}
