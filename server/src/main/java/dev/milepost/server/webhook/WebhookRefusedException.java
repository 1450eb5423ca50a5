package dev.milepost.server.webhook;

import java.io.IOException;
import java.io.Serial;

/** Thrown if a webhook leads to a forbidden address. */
final class WebhookRefusedException extends IOException {
  @Serial private static final long serialVersionUID = 1;
  private final String reason;

  WebhookRefusedException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** Returns the reason, for the job's owner. */
  String reason() {
    return reason;
  }
}
