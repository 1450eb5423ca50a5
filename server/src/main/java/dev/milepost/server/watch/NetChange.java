package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.storage.v1.JobRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The effect of several commits on one job. A job that was created and deleted is included, since a
 * caller may have read it in between.
 *
 * @param before the job before them; null if it did not exist
 * @param after the job after them; null if it no longer exists
 */
record NetChange(JobKey key, @Nullable JobRecord before, @Nullable JobRecord after) {
  /** Returns a change of a store: one for each job that it concerns, of which there may be two. */
  static List<NetChange> of(Change change) {
    JobRecord before = change.before();
    JobRecord after = change.after();
    if (before == null || after == null || Incarnation.isSame(before, after)) {
      return List.of(new NetChange(change.key(), before, after));
    }
    // A store may read the job as it is now, and not as the change has left it.
    return List.of(
        new NetChange(change.key(), before, null), new NetChange(change.key(), null, after));
  }

  /** Returns whether this is the end of a job whose id the job of another change has since. */
  boolean isOfEarlierJobThan(NetChange other) {
    return after == null
        && before != null
        && other.after() != null
        && Incarnation.isLater(other.after(), before);
  }

  /**
   * Returns this change together with another one of the same job. It may be an earlier one, as
   * those of other servers arrive late: the revisions tell.
   */
  NetChange with(NetChange other) {
    return new NetChange(key, earlier(before, other.before()), later(after, other.after()));
  }

  private static @Nullable JobRecord earlier(@Nullable JobRecord one, @Nullable JobRecord other) {
    if (one == null || other == null) {
      return null;
    }
    return other.getRevision() < one.getRevision() ? other : one;
  }

  private static @Nullable JobRecord later(@Nullable JobRecord one, @Nullable JobRecord other) {
    if (one == null || other == null) {
      return null;
    }
    return Incarnation.isSame(one, other) && other.getRevision() < one.getRevision() ? one : other;
  }

  /** Returns the size of the larger one of the job before and after. */
  long bytes() {
    return Math.max(bytes(before), bytes(after));
  }

  private static long bytes(@Nullable JobRecord job) {
    return job == null ? 0 : job.getSerializedSize();
  }
}
