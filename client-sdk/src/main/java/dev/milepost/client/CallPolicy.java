package dev.milepost.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How long a call is retried, and after which errors.
 *
 * @param overall maximum time for all tries together
 * @param perTry maximum time for one try, after which the connection is replaced
 * @param persistent whether to retry after every error that may be temporary, including internal
 *     server errors and rejected credentials
 * @param executor where responses are handled; null: the client's executor
 */
record CallPolicy(
    Duration overall, Duration perTry, boolean persistent, @Nullable Executor executor) {
  private static final Duration TRY_TIMEOUT = Duration.ofSeconds(10);

  static CallPolicy forCaller(Duration overall) {
    return new CallPolicy(
        overall, overall.compareTo(TRY_TIMEOUT) < 0 ? overall : TRY_TIMEOUT, false, null);
  }

  /** Extends each try by the time the server itself waits before it responds. */
  CallPolicy waiting(Duration wait) {
    return new CallPolicy(overall, perTry.plus(wait), persistent, executor);
  }

  /**
   * Whether to try again after an error.
   *
   * @param problem why no server has answered; null if one has
   */
  boolean retries(ServerError error, @Nullable ConnectionProblem problem) {
    return problem == null ? retries(error) : persistent || !problem.isPermanent();
  }

  private boolean retries(ServerError error) {
    return switch (error.code()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
      case RESOURCE_EXHAUSTED -> !error.isTooLarge() && (persistent || error.retryAfter() != null);
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

  static boolean isLeaseLost(ServerError error) {
    return error.code() == Status.Code.ABORTED || error.code() == Status.Code.NOT_FOUND;
  }
}
