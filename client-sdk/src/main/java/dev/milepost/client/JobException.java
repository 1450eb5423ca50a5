package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something went wrong with a job or with the call about it. The subclasses say what. */
public class JobException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
  private final Status.Code code;
  private final String reason;
  private final transient Map<String, String> metadata;
  private final boolean afterUnansweredTry;

  JobException(ServerError error) {
    super(error.message(), error.cause());
    this.code = error.code();
    this.reason = error.reason();
    this.metadata = error.metadata();
    this.afterUnansweredTry = error.afterUnansweredTry();
  }

  JobException(Status.Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = "";
    this.metadata = Map.of();
    this.afterUnansweredTry = false;
  }

  /** The gRPC code that tells it, or would. */
  public Status.Code code() {
    return code;
  }

  /** The server's reason for programs ({@code ErrorInfo.reason}); empty where it gave none. */
  public String reason() {
    return reason;
  }

  /** What the server said beside the reason ({@code ErrorInfo.metadata}). */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Whether the call had been tried before without an answer, so that an earlier try may have
   * worked.
   */
  boolean afterUnansweredTry() {
    return afterUnansweredTry;
  }
}
