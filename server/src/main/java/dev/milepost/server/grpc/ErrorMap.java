package dev.milepost.server.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.milepost.server.access.AccessException;
import dev.milepost.server.job.CommandKind;
import dev.milepost.server.job.EnumNames;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.watch.WatchException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From what went wrong to what the caller is told: the one map, by type. */
public final class ErrorMap {
  /** Domain of every reason. */
  public static final String DOMAIN = "milepost.dev";

  private static final Logger LOG = LoggerFactory.getLogger(ErrorMap.class);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final String JOB = "milepost.v1.Job";

  private ErrorMap() {}

  /** What the caller is told, as an exception for a stream observer. */
  static StatusRuntimeException toException(Throwable failure) {
    return StatusProto.toStatusRuntimeException(toStatus(failure));
  }

  /**
   * Ends a call that nobody has begun to answer. It takes no exception, whose stack trace would
   * cost more than all the rest of a refusal.
   */
  static void close(ServerCall<?, ?> call, Throwable failure) {
    Status status = toStatus(failure);
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, status.toByteArray());
    call.close(
        io.grpc.Status.fromCodeValue(status.getCode()).withDescription(status.getMessage()),
        trailers);
  }

  /** What the caller is told. Faults are logged here, and their details stay here. */
  static Status toStatus(Throwable wrapped) {
    Throwable failure = unwrap(wrapped);
    if (failure instanceof Refusal refusal) {
      return ofRefusal(refusal);
    }
    if (failure instanceof AccessException access) {
      return ofAccess(access);
    }
    if (failure instanceof WatchException watch) {
      return ofWatch(watch);
    }
    if (failure instanceof LimitException limit) {
      return ofLimit(limit);
    }
    if (failure instanceof StoreException store) {
      LOG.warn("The store failed in request {}.", RequestIds.current(), store);
      String reason =
          store.outcome() == StoreException.Outcome.NOT_APPLIED
              ? "STORE_UNAVAILABLE"
              : "STORE_OUTCOME_UNKNOWN";
      return status(Code.UNAVAILABLE, reason, store.getMessage(), Map.of(), retryIn(1));
    }
    if (failure instanceof StatusRuntimeException status) {
      return StatusProto.fromThrowable(status);
    }
    LOG.error("An unforeseen fault in request {}.", RequestIds.current(), failure);
    return status(
        Code.INTERNAL,
        "INTERNAL",
        "The server failed in an unforeseen way; its log knows more under request id "
            + RequestIds.current()
            + ".",
        Map.of("request_id", RequestIds.current()));
  }

  /** Trailers that say what the status says, in detail; those that do so already as they are. */
  static Metadata withDetails(io.grpc.Status status, Metadata trailers) {
    if (!status.isOk() && !trailers.containsKey(DETAILS)) {
      Code code = Code.forNumber(status.getCode().value());
      String message = status.getDescription() == null ? "" : status.getDescription();
      Metadata detailed =
          StatusProto.toStatusRuntimeException(status(code, code.name(), message, Map.of()))
              .getTrailers();
      if (detailed != null) {
        trailers.merge(detailed);
      }
    }
    return trailers;
  }

  private static Throwable unwrap(Throwable wrapped) {
    Throwable failure = wrapped;
    while ((failure instanceof CompletionException || failure instanceof ExecutionException)
        && failure.getCause() != null) {
      failure = failure.getCause();
    }
    return failure;
  }

  private static Status ofRefusal(Refusal refusal) {
    if (refusal instanceof Refusal.JobNotFound notFound) {
      return status(
          Code.NOT_FOUND, "JOB_NOT_FOUND", notFound, Map.of(), job(notFound.resourceName()));
    }
    if (refusal instanceof Refusal.JobAlreadyExists exists) {
      return status(
          Code.ALREADY_EXISTS, "JOB_ALREADY_EXISTS", exists, Map.of(), job(exists.jobId()));
    }
    if (refusal instanceof Refusal.RequestIdReused reused) {
      return status(
          Code.ALREADY_EXISTS,
          "REQUEST_ID_REUSED",
          reused,
          Map.of("fields", String.join(",", reused.fields())));
    }
    if (refusal instanceof Refusal.InvalidArgument invalid) {
      return status(
          Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", invalid, Map.of(), badRequest(invalid));
    }
    if (refusal instanceof Refusal.InvalidStateTransition move) {
      return ofIllegalMove(move);
    }
    if (refusal instanceof Refusal.JobNotFinished running) {
      return ofNotFinished(running);
    }
    if (refusal instanceof Refusal.TooManyMatchingJobs many) {
      return status(Code.FAILED_PRECONDITION, "TOO_MANY_MATCHING_JOBS", many, Map.of());
    }
    if (refusal instanceof Refusal.NoFailedItems none) {
      return status(
          Code.FAILED_PRECONDITION,
          "NO_FAILED_ITEMS",
          none,
          Map.of(),
          precondition("ITEMS", none.jobId(), "No item of it failed."));
    }
    if (refusal instanceof Refusal.ParentHasNoItems batch) {
      return status(
          Code.FAILED_PRECONDITION,
          "PARENT_HAS_NO_ITEMS",
          batch,
          Map.of(),
          precondition("KIND", batch.jobId(), "Its children have the items."));
    }
    if (refusal instanceof Refusal.ChildJob part) {
      return status(
          Code.FAILED_PRECONDITION,
          "CHILD_JOB",
          part,
          Map.of("parent_id", part.parentId()),
          precondition("PARENT", part.jobId(), "It is a part of " + part.parentId() + "."));
    }
    if (refusal instanceof Refusal.BatchBeingRemoved left) {
      return status(
          Code.UNAVAILABLE, "BATCH_BEING_REMOVED", left.getMessage(), Map.of(), retryIn(1));
    }
    if (refusal instanceof Refusal.BatchClosed closed) {
      return status(Code.ABORTED, "BATCH_CLOSED", closed, Map.of(), job(closed.jobId()));
    }
    if (refusal instanceof Refusal.LeaseLost stale) {
      return status(Code.ABORTED, "LEASE_LOST", stale, Map.of(), job(stale.jobId()));
    }
    if (refusal instanceof Refusal.ReportSequenceGap gap) {
      return status(
          Code.FAILED_PRECONDITION,
          "REPORT_SEQUENCE_GAP",
          gap,
          Map.of("expected_seq", Long.toString(gap.expected())),
          job(gap.jobId()));
    }
    if (refusal instanceof Refusal.EtagMismatch mismatch) {
      return status(Code.ABORTED, "ETAG_MISMATCH", mismatch, Map.of(), job(mismatch.jobId()));
    }
    throw new IllegalStateException("a refusal without an answer: " + refusal.getClass(), refusal);
  }

  private static Status ofIllegalMove(Refusal.InvalidStateTransition move) {
    String allowed =
        move.allowed().stream().map(CommandKind::name).collect(Collectors.joining(","));
    String state = EnumNames.of(move.state());
    return status(
        Code.FAILED_PRECONDITION,
        "INVALID_STATE_TRANSITION",
        move,
        Map.of("state", state, "command", move.command().name(), "allowed_commands", allowed),
        precondition("STATE", move.jobId(), "It is " + state + "; allowed are: " + allowed + "."));
  }

  private static Status ofNotFinished(Refusal.JobNotFinished running) {
    String state = EnumNames.of(running.state());
    return status(
        Code.FAILED_PRECONDITION,
        "JOB_NOT_FINISHED",
        running,
        Map.of("state", state),
        precondition("STATE", running.jobId(), "It is " + state + "."));
  }

  private static Status ofAccess(AccessException access) {
    boolean unknown = access instanceof AccessException.Unauthenticated;
    return unknown
        ? status(Code.UNAUTHENTICATED, "UNAUTHENTICATED", access, Map.of())
        : status(Code.PERMISSION_DENIED, "PERMISSION_DENIED", access, Map.of());
  }

  /** A watch that ends because nobody knows any more who its caller is, and where to resume it. */
  static StatusRuntimeException unauthenticatedAt(
      AccessException.Unauthenticated failure, String positionField, String position) {
    return StatusProto.toStatusRuntimeException(
        status(Code.UNAUTHENTICATED, "UNAUTHENTICATED", failure, Map.of(positionField, position)));
  }

  private static Status ofLimit(LimitException limit) {
    Message quota =
        QuotaFailure.newBuilder()
            .addViolations(
                QuotaFailure.Violation.newBuilder()
                    .setSubject(limit.subject())
                    .setDescription(limit.limit()))
            .build();
    return status(
        Code.RESOURCE_EXHAUSTED,
        "LIMIT_EXCEEDED",
        limit,
        Map.of("limit", limit.limit(), "subject", limit.subject()),
        quota,
        RetryInfo.newBuilder().setRetryDelay(Times.duration(limit.retryAfter())).build());
  }

  private static Status ofWatch(WatchException watch) {
    return watch instanceof WatchException.Draining
        ? status(Code.UNAVAILABLE, "DRAINING", watch, Map.of(), retryIn(1))
        : status(Code.OUT_OF_RANGE, "POSITION_OUT_OF_RANGE", watch, Map.of());
  }

  private static Status status(
      Code code,
      String reason,
      Throwable failure,
      Map<String, String> metadata,
      Message... details) {
    return status(code, reason, failure.getMessage(), metadata, details);
  }

  private static Status status(
      Code code,
      String reason,
      @Nullable String message,
      Map<String, String> metadata,
      Message... details) {
    List<Any> packed = new ArrayList<>();
    packed.add(
        Any.pack(
            ErrorInfo.newBuilder()
                .setReason(reason)
                .setDomain(DOMAIN)
                .putAllMetadata(metadata)
                .build()));
    for (Message detail : details) {
      packed.add(Any.pack(detail));
    }
    return Status.newBuilder()
        .setCode(code.getNumber())
        .setMessage(String.valueOf(message))
        .addAllDetails(packed)
        .build();
  }

  private static Message precondition(String type, String jobId, String description) {
    return PreconditionFailure.newBuilder()
        .addViolations(
            PreconditionFailure.Violation.newBuilder()
                .setType(type)
                .setSubject(jobId)
                .setDescription(description))
        .build();
  }

  private static Message job(String id) {
    return ResourceInfo.newBuilder().setResourceType(JOB).setResourceName(id).build();
  }

  private static Message badRequest(Refusal.InvalidArgument invalid) {
    BadRequest.Builder details = BadRequest.newBuilder();
    invalid
        .violations()
        .forEach(
            violation ->
                details.addFieldViolations(
                    BadRequest.FieldViolation.newBuilder()
                        .setField(violation.field())
                        .setDescription(violation.description())));
    return details.build();
  }

  private static Message retryIn(int seconds) {
    return RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(seconds)).build();
  }
}
