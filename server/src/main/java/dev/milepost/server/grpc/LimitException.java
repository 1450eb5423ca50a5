package dev.milepost.server.grpc;

import java.io.Serial;
import java.time.Duration;

/** Somebody takes more than its share. An answer and not a fault, hence without a stack trace. */
final class LimitException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
  private final String limit;
  private final String subject;
  private final Duration retryAfter;

  /**
   * A limit is reached.
   *
   * @param limit setting that says how much is allowed, below {@code milepost.limits}
   * @param subject whose share it is: {@code user:NAME}, {@code tenant:NAME} or {@code server}
   * @param message one sentence for people
   * @param retryAfter when trying again may help
   */
  LimitException(String limit, String subject, String message, Duration retryAfter) {
    super(message, null, false, false);
    this.limit = limit;
    this.subject = subject;
    this.retryAfter = retryAfter;
  }

  /** The setting that says how much is allowed, below {@code milepost.limits}. */
  String setting() {
    return limit;
  }

  String limit() {
    return "milepost.limits." + limit;
  }

  String subject() {
    return subject;
  }

  Duration retryAfter() {
    return retryAfter;
  }
}
