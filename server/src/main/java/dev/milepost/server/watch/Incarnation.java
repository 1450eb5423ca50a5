package dev.milepost.server.watch;

import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;

/**
 * Tells apart jobs that had the same id one after the other: an id that its creator has chosen can
 * be used again when its job is deleted. They differ in their time of creation.
 */
final class Incarnation {
  private Incarnation() {}

  /** Returns whether two records with one id are of the same job. */
  static boolean isSame(JobRecord one, JobRecord other) {
    return one.getJob().getCreateTime().equals(other.getJob().getCreateTime());
  }

  /** Returns whether a job was created after another. */
  static boolean isLater(JobRecord one, JobRecord other) {
    return Times.instant(one.getJob().getCreateTime())
        .isAfter(Times.instant(other.getJob().getCreateTime()));
  }
}
