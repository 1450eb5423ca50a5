package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The attempt lost its lease: it expired, or the attempt was ended otherwise. If the server ended
 * it, the message says why, and {@code metadata().get("cause")} is a code such as {@code
 * ATTEMPT_TIMEOUT}. Unsent reports are discarded; another attempt may be running already.
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

  /** Throws anew what another thread has received. */
  LeaseLostException(JobException received) {
    super(received);
  }
}
