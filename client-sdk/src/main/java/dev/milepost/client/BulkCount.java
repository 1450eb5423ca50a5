package dev.milepost.client;

/**
 * How many jobs a bulk change has changed, or would change. A batch or task counts as one.
 *
 * @param count jobs that it cancelled, queued again or deleted
 * @param cancelled jobs that it asked to stop, besides
 * @param skipped matching jobs that it left alone since they run
 */
public record BulkCount(long count, long cancelled, long skipped) {
  static final BulkCount NONE = new BulkCount(0, 0, 0);

  BulkCount plus(BulkCount other) {
    return new BulkCount(count + other.count, cancelled + other.cancelled, skipped + other.skipped);
  }
}
