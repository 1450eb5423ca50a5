package dev.milepost.server.job;

/** What came of one try to tell a webhook. */
public sealed interface WebhookResult {
  /**
   * It was told.
   *
   * @param statusCode 200 to 299
   */
  record Delivered(int statusCode) implements WebhookResult {}

  /**
   * It was not told, and is tried again later.
   *
   * @param statusCode HTTP status of the answer; 0 where there was none
   * @param reason why, for people, at most some hundred characters; tells nothing that the answer
   *     said
   */
  record Failed(int statusCode, String reason) implements WebhookResult {}

  /** Nothing was tried, as too much else is under way: it does not count as a try. */
  record Postponed() implements WebhookResult {}
}
