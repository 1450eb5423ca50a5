package dev.milepost.server.job;

/** The result of one try to send a notification to a webhook. */
public sealed interface WebhookResult {
  /**
   * The notification was delivered.
   *
   * @param statusCode 200 to 299
   */
  record Delivered(int statusCode) implements WebhookResult {}

  /**
   * The try failed. The notification is sent again later.
   *
   * @param statusCode HTTP status code of the response; 0 if there was none
   * @param reason reason for people, a few hundred characters at most; contains nothing from the
   *     response
   */
  record Failed(int statusCode, String reason) implements WebhookResult {}

  /** Nothing was sent because too many other tries are running. This does not count as a try. */
  record Postponed() implements WebhookResult {}
}
