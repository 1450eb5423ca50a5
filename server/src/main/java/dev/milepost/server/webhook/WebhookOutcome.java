package dev.milepost.server.webhook;

import dev.milepost.server.job.WebhookResult;

/** What a try to tell a webhook led to. */
public enum WebhookOutcome {
  /** It was answered 2xx. */
  DELIVERED,
  /** It was not, or the webhook leads where the server does not go. */
  FAILED,
  /** It was put off, as too much else is under way. */
  POSTPONED;

  static WebhookOutcome of(WebhookResult result) {
    if (result instanceof WebhookResult.Delivered) {
      return DELIVERED;
    }
    return result instanceof WebhookResult.Failed ? FAILED : POSTPONED;
  }
}
