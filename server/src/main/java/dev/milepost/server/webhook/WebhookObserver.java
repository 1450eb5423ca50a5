package dev.milepost.server.webhook;

/**
 * Observes deliveries of webhooks, for meters. Called on any thread: must be quick, must not block
 * and must not throw.
 */
@FunctionalInterface
public interface WebhookObserver {
  /** Observes nothing. */
  WebhookObserver NONE = outcome -> {};

  /** A delivery was attempted, or postponed. */
  void attempted(WebhookOutcome outcome);
}
