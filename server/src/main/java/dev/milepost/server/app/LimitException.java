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
   * Creates an exception that names the setting, and says who can raise it.
   *
   * @param limit name of the setting, below {@code milepost.limits}
   * @param subject whom the limit applies to
   * @param fact the start of a sentence: what exceeds the limit, without a full stop
   * @param advice a sentence: what this caller can do about it now
   * @param retryAfter when a retry may succeed
   */
  public static LimitException raisable(
      String limit, String subject, String fact, String advice, Duration retryAfter) {
    String message =
        fact
            + " ("
            + PREFIX
            + limit
            + "). "
            + advice
            + " The administrator of this server can raise the limit.";
    return new LimitException(limit, subject, message, retryAfter);
  }

  /**
   * Creates an exception of a limit that is not below {@code milepost.limits}.
   *
   * @param setting its full name
   * @param subject whom it applies to
   * @param message one sentence for people
   * @param retryAfter when a retry may succeed
   */
  public static LimitException ofSetting(
      String setting, String subject, String message, Duration retryAfter) {
    return new LimitException(setting, setting, subject, message, retryAfter);
  }

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
    this(limit, PREFIX + limit, subject, message, retryAfter);
  }

  private LimitException(
      String limit, String setting, String subject, String message, Duration retryAfter) {
    super(
        ErrorReason.LIMIT_EXCEEDED,
        message,
        Map.of("limit", setting, "subject", subject),
        QuotaFailure.newBuilder()
            .addViolations(
                QuotaFailure.Violation.newBuilder().setSubject(subject).setDescription(setting))
            .build(),
        ErrorStatus.retryAfter(retryAfter));
    this.limit = limit;
  }

  /** Returns the name of the setting; without {@code milepost.limits} if it is below that. */
  public String setting() {
    return limit;
  }
}
