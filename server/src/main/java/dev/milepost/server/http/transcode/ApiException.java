package dev.milepost.server.http.transcode;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;

/** A request that is refused before its call. Has no stack trace: it is an answer, not a fault. */
final class ApiException extends RuntimeException {
  private static final String DOMAIN = "milepost.dev";

  @SuppressWarnings("serial") // Never serialized.
  private final Status status;

  private final int httpStatus;

  private ApiException(int httpStatus, Status status) {
    super(status.getMessage(), null, false, false);
    this.httpStatus = httpStatus;
    this.status = status;
  }

  /** Creates an error with an HTTP status that has no code of its own. */
  static ApiException of(int httpStatus, Code code, String message) {
    return new ApiException(httpStatus, status(code, message).build());
  }

  /**
   * Creates the error for an invalid parameter or field.
   *
   * @param rule a sentence about it
   */
  static ApiException invalid(String field, String rule) {
    BadRequest violation =
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder().setField(field).setDescription(rule))
            .build();
    return new ApiException(
        400, status(Code.INVALID_ARGUMENT, rule).addDetails(Any.pack(violation)).build());
  }

  private static Status.Builder status(Code code, String message) {
    ErrorInfo info = ErrorInfo.newBuilder().setReason(code.name()).setDomain(DOMAIN).build();
    return Status.newBuilder()
        .setCode(code.getNumber())
        .setMessage(message)
        .addDetails(Any.pack(info));
  }

  Status status() {
    return status;
  }

  int httpStatus() {
    return httpStatus;
  }
}
