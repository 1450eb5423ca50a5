package dev.milepost.server.webhook;

import java.io.IOException;
import java.io.Serial;

/** A webhook leads where the server does not go. */
final class WebhookRefusedException extends IOException {
  @Serial private static final long serialVersionUID = 1;
  private final String reason;

  WebhookRefusedException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** Why, for the job's owner. */
  String reason() {
    return reason;
  }
}
