package dev.milepost.server.app;

import com.google.rpc.QuotaFailure;
import dev.milepost.server.job.CallerException;
import dev.milepost.server.job.ErrorStatus;
import dev.milepost.v1.ErrorReason;
import java.time.Duration;
import java.util.Map;

/** A caller exceeds a limit. */
public final class LimitException extends CallerException {
  private static final String PREFIX = "milepost.limits.";

  private final String limit;

  /**
   * Creates an exception.
   *
   * @param limit name of the setting, below {@code milepost.limits}
   * @param subject whom the limit applies to: {@code user:NAME}, {@code tenant:NAME} or {@code
   *     server}
   * @param message one sentence for people
   * @param retryAfter when a retry may succeed
   */
  public LimitException(String limit, String subject, String message, Duration retryAfter) {
    super(
        ErrorReason.LIMIT_EXCEEDED,
        message,
        Map.of("limit", PREFIX + limit, "subject", subject),
        QuotaFailure.newBuilder()
            .addViolations(
                QuotaFailure.Violation.newBuilder()
                    .setSubject(subject)
                    .setDescription(PREFIX + limit))
            .build(),
        ErrorStatus.retryAfter(retryAfter));
    this.limit = limit;
  }

  /** Returns the name of the setting, below {@code milepost.limits}. */
  public String setting() {
    return limit;
  }
}
