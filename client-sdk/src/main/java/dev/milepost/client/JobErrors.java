package dev.milepost.client;

import com.google.protobuf.Struct;
import dev.milepost.v1.JobError;
import java.util.Locale;
import java.util.Map;

/** Converts a handler's exception into the contract's job error. */
final class JobErrors {
  private static final int MAX_CODE = 64;
  private static final int MAX_MESSAGE = 4_096;
  private static final int MAX_TRACE = 16_384;
  private static final int MAX_DETAILS_BYTES = 16_384;

  private static final Map<String, ?> UNREADABLE =
      Map.of("details_cut", "details() of the exception threw, or returned null");

  private JobErrors() {}

  /** Never fails, whatever the exception's own methods do. */
  static JobError of(Throwable thrown) {
    try {
      return described(thrown);
    } catch (Throwable unexpected) {
      // Without memory for more, the end of the job still says what it was.
      return JobError.newBuilder()
          .setCode("UNKNOWN")
          .setMessage(UserCode.className(thrown))
          .setRetryable(true)
          .build();
    }
  }

  private static JobError described(Throwable thrown) {
    JobError.Builder error =
        JobError.newBuilder()
            .setCode(valid(code(thrown)))
            .setMessage(Texts.cut(ThrowableText.message(thrown), MAX_MESSAGE))
            .setStackTrace(ThrowableText.trace(thrown, MAX_TRACE))
            .setRetryable(isRetryable(thrown));
    if (thrown instanceof JobFailure failure) {
      Map<String, ?> details = UserCode.orNull(failure::details);
      Struct struct =
          Structs.lenient(details == null ? UNREADABLE : details, MAX_DETAILS_BYTES, "details_cut");
      if (struct.getFieldsCount() > 0) {
        error.setDetails(struct);
      }
    }
    return error.build();
  }

  private static boolean isRetryable(Throwable thrown) {
    if (thrown instanceof JobFailure failure) {
      return !Boolean.FALSE.equals(UserCode.orNull(failure::retryable));
    }
    return !(thrown instanceof NonRetryable || thrown instanceof JobCancelledException);
  }

  private static String code(Throwable thrown) {
    if (thrown instanceof JobFailure failure) {
      String code = UserCode.orNull(failure::code);
      return code == null ? "" : code;
    }
    String name = thrown.getClass().getSimpleName().replaceFirst("(?<=.)(Exception|Error)$", "");
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_");
  }

  /** Adjusts a code to the contract's format. */
  private static String valid(String code) {
    // A name may be as long as it likes.
    String start = code.substring(0, Math.min(code.length(), 4 * MAX_CODE));
    String valid = start.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
    if (valid.isEmpty() || !Character.isLetter(valid.charAt(0))) {
      valid = "E" + valid;
    }
    return valid.substring(0, Math.min(valid.length(), MAX_CODE));
  }
}
