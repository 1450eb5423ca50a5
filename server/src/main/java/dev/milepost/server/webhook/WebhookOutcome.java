package dev.milepost.server.webhook;

import dev.milepost.server.job.WebhookResult;

/** The result of an attempt to deliver a webhook. */
public enum WebhookOutcome {
  /** The receiver responded with 2xx. */
  DELIVERED,
  /** It did not, or the address is forbidden. */
  FAILED,
  /** It was postponed, as too many others were in progress. */
  POSTPONED;

  static WebhookOutcome of(WebhookResult result) {
    if (result instanceof WebhookResult.Delivered) {
      return DELIVERED;
    }
    return result instanceof WebhookResult.Failed ? FAILED : POSTPONED;
  }
}
