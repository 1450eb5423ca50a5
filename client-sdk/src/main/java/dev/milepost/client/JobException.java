package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job or a call failed. The subclasses say how. */
public class JobException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
  private final StatusCode code;
  private final String reason;
  private final transient Map<String, String> metadata;
  private final boolean afterUnansweredTry;

  JobException(ServerError error) {
    super(error.message(), error.cause());
    this.code = StatusCode.valueOf(error.code().name());
    this.reason = error.reason();
    this.metadata = error.metadata();
    this.afterUnansweredTry = error.afterUnansweredTry();
  }

  JobException(Status.Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = StatusCode.valueOf(code.name());
    this.reason = "";
    this.metadata = Map.of();
    this.afterUnansweredTry = false;
  }

  /** The same failure, for another thread: with its code, reason and details. */
  JobException(JobException received) {
    super(received.getMessage(), received);
    this.code = received.code;
    this.reason = received.reason;
    this.metadata = received.metadata;
    this.afterUnansweredTry = received.afterUnansweredTry;
  }

  /** Returns the code of the call, or the one that matches an error raised by this library. */
  public StatusCode code() {
    return code;
  }

  /** Returns the machine-readable reason ({@code ErrorInfo.reason}); empty if there is none. */
  public String reason() {
    return reason;
  }

  /** Returns further details of the reason ({@code ErrorInfo.metadata}); may be empty. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Whether an earlier try of the call had no response, and may have succeeded. */
  boolean afterUnansweredTry() {
    return afterUnansweredTry;
  }
}
