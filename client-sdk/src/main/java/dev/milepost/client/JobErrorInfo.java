package dev.milepost.client;

import dev.milepost.v1.JobError;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a job failed.
 *
 * @param code machine-readable, for example {@code NO_DISK}
 * @param message for people
 * @param details machine-readable, unmodifiable; empty if there are none
 * @param stackTrace of the exception; empty if there is none
 * @param retryable whether another attempt may succeed
 */
public record JobErrorInfo(
    String code,
    String message,
    Map<String, @Nullable Object> details,
    String stackTrace,
    boolean retryable) {
  /** Reads the generated message. */
  public static JobErrorInfo of(JobError error) {
    return new JobErrorInfo(
        error.getCode(),
        error.getMessage(),
        Structs.map(error.getDetails()),
        error.getStackTrace(),
        error.getRetryable());
  }
}
