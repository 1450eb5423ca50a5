package dev.milepost.server.app;

import com.google.protobuf.MessageLite;
import dev.milepost.v1.Item;
import java.util.List;

/**
 * How much is stored, or about to be.
 *
 * @param jobs number of jobs
 * @param bytes their approximate size, with their journals and items
 */
record QuotaAmount(long jobs, long bytes) {
  static final QuotaAmount NOTHING = new QuotaAmount(0, 0);

  /** Returns one job that will take about as much as this message. */
  static QuotaAmount of(MessageLite request) {
    return new QuotaAmount(1, request.getSerializedSize());
  }

  /** Returns what items add to a job. */
  static QuotaAmount ofItems(List<Item> items) {
    return new QuotaAmount(0, items.stream().mapToLong(Item::getSerializedSize).sum());
  }

  QuotaAmount plus(QuotaAmount other) {
    return new QuotaAmount(jobs + other.jobs, bytes + other.bytes);
  }

  /** Subtracts; the result is not negative. */
  QuotaAmount minus(QuotaAmount other) {
    return new QuotaAmount(Math.max(0, jobs - other.jobs), Math.max(0, bytes - other.bytes));
  }
}
