package dev.milepost.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** The failure of a call, as the caller receives it. */
public record Failure(io.grpc.Status.Code code, Status details) {
  /** Makes a call that must fail, and returns its failure. */
  public static Failure of(Callable<?> call) {
    try {
      Object answer = call.call();
      throw new AssertionError("no failure, but " + answer);
    } catch (Exception e) {
      return of(e);
    }
  }

  static Failure of(Throwable thrown) {
    Throwable cause = thrown;
    while (!(cause instanceof StatusRuntimeException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    Status details = StatusProto.fromThrowable(cause);
    return new Failure(
        io.grpc.Status.fromThrowable(cause).getCode(),
        details == null ? Status.getDefaultInstance() : details);
  }

  public String message() {
    return details.getMessage();
  }

  public ErrorInfo info() {
    return detail(ErrorInfo.class).orElseGet(ErrorInfo::getDefaultInstance);
  }

  public String reason() {
    return info().getReason();
  }

  /** Returns the field violations, each as "field: description". */
  public List<String> violations() {
    return detail(BadRequest.class)
        .orElseGet(BadRequest::getDefaultInstance)
        .getFieldViolationsList()
        .stream()
        .map(violation -> violation.getField() + ": " + violation.getDescription())
        .toList();
  }

  /** Returns a detail by its type. */
  public <M extends Message> Optional<M> detail(Class<M> type) {
    return details.getDetailsList().stream()
        .filter(any -> any.is(type))
        .map(
            any -> {
              try {
                return any.unpack(type);
              } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
              }
            })
        .findFirst();
  }
}
