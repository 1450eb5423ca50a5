package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The attempt lost its lease: it expired, or the attempt was ended otherwise. Unsent reports are
 * discarded; another attempt may be running already.
 */
public final class LeaseLostException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param message what happened, for people
   */
  public LeaseLostException(String message) {
    this(message, null);
  }

  LeaseLostException(ServerError error) {
    super(error);
  }

  LeaseLostException(String message, @Nullable Throwable cause) {
    super(Status.Code.ABORTED, message, cause);
  }
}
