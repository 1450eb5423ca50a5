package dev.milepost.client;

import java.io.Serial;

/** There is no such job, or the caller may not see it: the two look the same. */
public final class JobNotFoundException extends JobException {
  @Serial private static final long serialVersionUID = 1;

  JobNotFoundException(ServerError error) {
    super(error);
  }
}
