package dev.milepost.client;

import dev.milepost.v1.JobError;
import java.util.Locale;

/** Converts a handler's exception into the contract's job error. */
final class JobErrors {
  private static final int MAX_CODE = 64;
  private static final int MAX_MESSAGE = 4_096;
  private static final int MAX_TRACE = 16_384;
  private static final int MAX_DETAILS_BYTES = 16_384;

  private JobErrors() {}

  static JobError of(Throwable thrown) {
    String message = thrown.getMessage();
    JobError.Builder error =
        JobError.newBuilder()
            .setCode(code(thrown))
            .setMessage(
                Texts.cut(message == null ? thrown.getClass().getName() : message, MAX_MESSAGE))
            .setStackTrace(Texts.stackTrace(thrown, MAX_TRACE))
            .setRetryable(isRetryable(thrown));
    if (thrown instanceof JobFailure failure && !failure.details().isEmpty()) {
      var details = Structs.lenient(failure.details());
      if (details.getSerializedSize() <= MAX_DETAILS_BYTES) {
        error.setDetails(details);
      }
    }
    return error.build();
  }

  private static boolean isRetryable(Throwable thrown) {
    return thrown instanceof JobFailure failure
        ? failure.retryable()
        : !(thrown instanceof NonRetryable || thrown instanceof JobCancelledException);
  }

  private static String code(Throwable thrown) {
    if (thrown instanceof JobFailure failure) {
      return valid(failure.code());
    }
    String name = thrown.getClass().getSimpleName().replaceFirst("(?<=.)(Exception|Error)$", "");
    return valid(name.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_"));
  }

  /** Adjusts a code to the contract's format. */
  private static String valid(String code) {
    String valid = code.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
    if (valid.isEmpty() || !Character.isLetter(valid.charAt(0))) {
      valid = "E" + valid;
    }
    return valid.substring(0, Math.min(valid.length(), MAX_CODE));
  }
}
