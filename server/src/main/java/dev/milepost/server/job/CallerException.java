package dev.milepost.server.job;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import dev.milepost.v1.ErrorReason;
import java.util.Map;

/**
 * An error that is an answer to the caller and no fault of the server. It knows the status that the
 * caller receives, and has no stack trace.
 */
public abstract class CallerException extends RuntimeException {
  private final Status status;

  /** An error with the arguments of {@link ErrorStatus#of}. */
  protected CallerException(
      ErrorReason reason, String message, Map<String, String> metadata, Message... details) {
    super(message, null, false, false);
    this.status = ErrorStatus.of(reason, message, metadata, details);
  }

  /** The status that the caller receives, with all details. */
  public final Status status() {
    return status;
  }

  @Override
  public String getMessage() {
    return status.getMessage();
  }
}
