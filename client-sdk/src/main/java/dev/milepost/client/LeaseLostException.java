package dev.milepost.client;

import io.grpc.Status;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The attempt is over: its lease ran out, or somebody ended it. Nothing of what was unsent is
 * written; another attempt may be running already.
 */
public final class LeaseLostException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  LeaseLostException(ServerError error) {
    super(error);
  }

  LeaseLostException(String message, @Nullable Throwable cause) {
    super(Status.Code.ABORTED, message, cause);
  }
}
