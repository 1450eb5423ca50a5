package dev.milepost.server.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.milepost.server.access.AccessException;
import dev.milepost.server.job.CallerException;
import dev.milepost.server.job.ErrorStatus;
import dev.milepost.server.store.StoreException;
import dev.milepost.v1.ErrorReason;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Maps every failure of a call to the status that its caller receives. */
public final class ErrorMap {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorMap.class);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private ErrorMap() {}

  /** Returns the status for a failure as an exception for a stream observer. */
  static StatusRuntimeException toException(Throwable failure) {
    return StatusProto.toStatusRuntimeException(toStatus(failure));
  }

  /**
   * Closes a call that has not been answered. Creates no exception, whose stack trace would cost
   * more than everything else about the error.
   */
  public static void close(ServerCall<?, ?> call, Throwable failure) {
    Status status = toStatus(failure);
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, status.toByteArray());
    call.close(
        io.grpc.Status.fromCodeValue(status.getCode()).withDescription(status.getMessage()),
        trailers);
  }

  /** Returns the status for a failure. Logs faults of the server, whose details stay in its log. */
  static Status toStatus(Throwable wrapped) {
    Throwable failure = unwrap(wrapped);
    if (failure instanceof CallerException answer) {
      return answer.status();
    }
    if (failure instanceof StoreException store) {
      return ofStore(store);
    }
    if (failure instanceof StatusRuntimeException status) {
      return withInfo(StatusProto.fromThrowable(status));
    }
    LOG.error("Unexpected failure in request {}.", RequestIds.current(), failure);
    return ErrorStatus.of(
        ErrorReason.INTERNAL,
        "The server failed unexpectedly. Its log has the details under request id "
            + RequestIds.current()
            + ".",
        Map.of("request_id", RequestIds.current()));
  }

  /** A store that is away, full or stopped has written that to the log, once for all calls. */
  private static Status ofStore(StoreException failure) {
    if (failure.kind() == StoreException.Kind.REQUEST) {
      LOG.warn("The store failed in request {}.", RequestIds.current(), failure);
    }
    return ErrorStatus.of(
        reason(failure),
        String.valueOf(failure.getMessage()),
        Map.of(),
        ErrorStatus.retryAfter(Duration.ofSeconds(1)));
  }

  private static ErrorReason reason(StoreException failure) {
    if (failure.outcome() == StoreException.Outcome.UNKNOWN) {
      return ErrorReason.STORE_OUTCOME_UNKNOWN;
    }
    return failure.kind() == StoreException.Kind.FULL
        ? ErrorReason.STORE_FULL
        : ErrorReason.STORE_UNAVAILABLE;
  }

  /**
   * Returns the trailers of a failed call with details: those that it has, or else an ErrorInfo
   * with the name of the status code.
   */
  static Metadata withDetails(io.grpc.Status status, Metadata trailers) {
    if (!status.isOk() && !trailers.containsKey(DETAILS)) {
      String message = status.getDescription() == null ? "" : status.getDescription();
      Status bare =
          Status.newBuilder().setCode(status.getCode().value()).setMessage(message).build();
      trailers.put(DETAILS, withInfo(bare).toByteArray());
    }
    return trailers;
  }

  /**
   * Returns the reason that the details of a failed call give; the name of its code if there are
   * none.
   */
  static String reason(io.grpc.Status status, Metadata trailers) {
    byte[] details = trailers.get(DETAILS);
    if (details != null) {
      try {
        for (Any detail : Status.parseFrom(details).getDetailsList()) {
          if (detail.is(ErrorInfo.class)) {
            return detail.unpack(ErrorInfo.class).getReason();
          }
        }
      } catch (InvalidProtocolBufferException e) {
        LOG.debug("An error has malformed details.", e);
      }
    }
    return status.getCode().name();
  }

  /** Adds the name of the code as the reason, if the status has no details. */
  private static Status withInfo(Status status) {
    if (status.getDetailsCount() > 0) {
      return status;
    }
    Code code = Code.forNumber(status.getCode());
    return ErrorStatus.of(code, code.name(), status.getMessage(), Map.of());
  }

  /**
   * Returns the end of a watch whose caller's credential is no longer valid: where to resume it.
   */
  static StatusRuntimeException unauthenticatedAt(
      AccessException.Unauthenticated failure, String positionField, String position) {
    return StatusProto.toStatusRuntimeException(
        ErrorStatus.of(
            ErrorReason.UNAUTHENTICATED, failure.getMessage(), Map.of(positionField, position)));
  }

  private static Throwable unwrap(Throwable wrapped) {
    Throwable failure = wrapped;
    while ((failure instanceof CompletionException || failure instanceof ExecutionException)
        && failure.getCause() != null) {
      failure = failure.getCause();
    }
    return failure;
  }
}
