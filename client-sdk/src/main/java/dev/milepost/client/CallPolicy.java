package dev.milepost.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How hard to try.
 *
 * @param overall longest time of all tries together
 * @param perTry longest time of one, after which the connection is not trusted any more
 * @param persistent whether to go on after whatever may pass, also faults of the server and of
 *     credentials
 * @param executor where answers are handled; null: the client's executor
 */
record CallPolicy(
    Duration overall, Duration perTry, boolean persistent, @Nullable Executor executor) {
  private static final Duration TRY = Duration.ofSeconds(10);

  static CallPolicy forCaller(Duration overall) {
    return new CallPolicy(overall, overall.compareTo(TRY) < 0 ? overall : TRY, false, null);
  }

  /** With tries that last that much longer, because the server itself waits before it answers. */
  CallPolicy waiting(Duration wait) {
    return new CallPolicy(overall, perTry.plus(wait), persistent, executor);
  }

  boolean retries(ServerError error) {
    return switch (error.code()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
      case RESOURCE_EXHAUSTED -> persistent || error.retryAfter() != null;
      case CANCELLED, UNKNOWN, INTERNAL, DATA_LOSS, UNAUTHENTICATED, PERMISSION_DENIED ->
          persistent;
      case OK,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED ->
          false;
    };
  }

  static boolean isEndOfAttempt(ServerError error) {
    return error.code() == Status.Code.ABORTED || error.code() == Status.Code.NOT_FOUND;
  }
}
