package dev.milepost.server.job;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.milepost.v1.ErrorReason;
import dev.milepost.v1.ErrorReasonProto;
import java.time.Duration;
import java.util.Map;

/** Builds the errors that callers see: a google.rpc.Status with an ErrorInfo and more details. */
public final class ErrorStatus {
  /** Domain of every reason. */
  public static final String DOMAIN = "milepost.dev";

  private ErrorStatus() {}

  /**
   * An error with a reason of the contract, which decides its code.
   *
   * @param message what happened, why, and what to do
   * @param metadata more for programs, as documented with the reason
   * @param details further google.rpc details
   */
  public static Status of(
      ErrorReason reason, String message, Map<String, String> metadata, Message... details) {
    return of(codeOf(reason), reason.name(), message, metadata, details);
  }

  /** An error that the contract has no reason for, such as one that gRPC raised. */
  public static Status of(
      Code code, String reason, String message, Map<String, String> metadata, Message... details) {
    ErrorInfo info =
        ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).putAllMetadata(metadata).build();
    Status.Builder status =
        Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(message)
            .addDetails(Any.pack(info));
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return status.build();
  }

  /** Returns the status code that the contract gives to a reason. */
  public static Code codeOf(ErrorReason reason) {
    return reason.getValueDescriptor().getOptions().getExtension(ErrorReasonProto.statusCode);
  }

  /** Names the job that an error is about. */
  static Message job(String id) {
    return ResourceInfo.newBuilder().setResourceType("milepost.v1.Job").setResourceName(id).build();
  }

  /**
   * Names what a job lacks for a command.
   *
   * @param type STATE, ITEMS, KIND, PARENT or SHARES
   */
  static Message precondition(String type, String jobId, String description) {
    return PreconditionFailure.newBuilder()
        .addViolations(
            PreconditionFailure.Violation.newBuilder()
                .setType(type)
                .setSubject(jobId)
                .setDescription(description))
        .build();
  }

  /** Tells the caller how long to wait before it retries. */
  public static Message retryAfter(Duration delay) {
    return RetryInfo.newBuilder().setRetryDelay(Times.duration(delay)).build();
  }
}
