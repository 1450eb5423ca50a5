package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;

/** The thread was interrupted while it waited for the server; its interrupt flag stays set. */
public final class CallInterruptedException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the exception, for tests of code that handles it.
   *
   * @param cause the interrupt
   */
  public CallInterruptedException(InterruptedException cause) {
    super(Status.Code.CANCELLED, "interrupted while waiting for the server", cause);
  }
}
