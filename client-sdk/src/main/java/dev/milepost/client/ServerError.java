package dev.milepost.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An error from the server, with its details.
 *
 * @param retryAfter how long the server asks to wait before the next try; null if it does not say
 * @param cause the exception it was read from; null if it was part of a message
 * @param afterUnansweredTry whether an earlier try of the same call had no response, and may have
 *     succeeded
 */
record ServerError(
    Status.Code code,
    String message,
    String reason,
    Map<String, String> metadata,
    List<InvalidRequestException.Violation> violations,
    @Nullable Duration retryAfter,
    @Nullable Throwable cause,
    boolean afterUnansweredTry) {

  /** The reason of an error that no retry can help. */
  static final String MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE";

  /** The same for a response, which this library has found too large. */
  static final String RESPONSE_TOO_LARGE = "RESPONSE_TOO_LARGE";

  /** How gRPC's description begins. */
  private static final String TOO_LARGE = "gRPC message exceeds maximum size";

  private static final String RAISE_LIMIT = ". Raise the client's maxInboundMessageSize.";
  private static final String ETAG_MISMATCH = "ETAG_MISMATCH";
  private static final String EXPECTED_SEQ = "expected_seq";

  static ServerError of(Throwable thrown) {
    com.google.rpc.Status status = StatusProto.fromThrowable(thrown);
    if (status != null && status.getDetailsCount() > 0) {
      return of(status, thrown);
    }
    Status plain = Status.fromThrowable(thrown);
    String description = plain.getDescription();
    String message = description == null ? plain.getCode().name() : description;
    if (plain.getCode() == Status.Code.RESOURCE_EXHAUSTED && message.startsWith(TOO_LARGE)) {
      String told = "The response is larger than this client reads: " + message + RAISE_LIMIT;
      return new ServerError(
          plain.getCode(), told, RESPONSE_TOO_LARGE, Map.of(), List.of(), null, thrown, false);
    }
    return new ServerError(codeOf(plain), message, "", Map.of(), List.of(), null, thrown, false);
  }

  /**
   * gRPC reports UNKNOWN if a connection breaks just as a call starts on it. An error with an I/O
   * cause does not come from the server, and the call can be retried on a new connection.
   */
  private static Status.Code codeOf(Status status) {
    boolean broken =
        status.getCode() == Status.Code.UNKNOWN && status.getCause() instanceof IOException;
    return broken ? Status.Code.UNAVAILABLE : status.getCode();
  }

  static ServerError of(com.google.rpc.Status status) {
    return of(status, null);
  }

  private static ServerError of(com.google.rpc.Status status, @Nullable Throwable cause) {
    String reason = "";
    Map<String, String> metadata = Map.of();
    List<InvalidRequestException.Violation> violations = List.of();
    Duration retryAfter = null;
    try {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          reason = info.getReason();
          metadata = Map.copyOf(info.getMetadataMap());
        } else if (detail.is(BadRequest.class)) {
          violations =
              detail.unpack(BadRequest.class).getFieldViolationsList().stream()
                  .map(v -> new InvalidRequestException.Violation(v.getField(), v.getDescription()))
                  .toList();
        } else if (detail.is(RetryInfo.class)) {
          retryAfter = Times.duration(detail.unpack(RetryInfo.class).getRetryDelay());
        }
      }
    } catch (InvalidProtocolBufferException e) {
      // Details are optional: code and message still say what happened.
    }
    return new ServerError(
        Status.fromCodeValue(status.getCode()).getCode(),
        status.getMessage(),
        reason,
        metadata,
        violations,
        retryAfter,
        cause,
        false);
  }

  /** Returns the same error with another message. */
  ServerError withMessage(String other) {
    return new ServerError(
        code, other, reason, metadata, violations, retryAfter, cause, afterUnansweredTry);
  }

  /** Returns the same error, marked as the response to a retry. */
  ServerError onLaterTry() {
    return new ServerError(code, message, reason, metadata, violations, retryAfter, cause, true);
  }

  /**
   * Returns the sequence number of the report that the server expects next; null if the error is
   * about something else.
   */
  static @Nullable Long expectedSeq(Map<String, String> metadata) {
    String expected = metadata.get(EXPECTED_SEQ);
    return expected == null ? null : Long.valueOf(expected);
  }

  /** Whether a message was too large, which no retry changes. */
  boolean isTooLarge() {
    return reason.equals(MESSAGE_TOO_LARGE) || reason.equals(RESPONSE_TOO_LARGE);
  }

  /** Maps the error to an exception; the only place that does. */
  JobException toException() {
    return switch (code) {
      case INVALID_ARGUMENT -> new InvalidRequestException(this);
      case NOT_FOUND -> new JobNotFoundException(this);
      case ALREADY_EXISTS -> new JobAlreadyExistsException(this);
      case FAILED_PRECONDITION -> new JobStateException(this);
      case UNAUTHENTICATED, PERMISSION_DENIED -> new AccessDeniedException(this);
      case RESOURCE_EXHAUSTED ->
          reason.equals(MESSAGE_TOO_LARGE)
              ? new InvalidRequestException(this)
              : new LimitExceededException(this);
      case UNAVAILABLE, DEADLINE_EXCEEDED -> new ServerUnavailableException(this);
      case ABORTED ->
          reason.equals(ETAG_MISMATCH)
              ? new JobConflictException(this)
              : new LeaseLostException(this);
      case OK, CANCELLED, UNKNOWN, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, DATA_LOSS ->
          new JobException(this);
    };
  }
}
