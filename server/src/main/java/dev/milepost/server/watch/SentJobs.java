package dev.milepost.server.watch;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a list watch has sent of jobs that were read while they changed: in a snapshot, or since a
 * position in the store's history. It is remembered until the watch has passed every batch that may
 * overlap with the read: each change is then either part of what was sent, or is sent. Confined to
 * the hub's executor.
 */
final class SentJobs {
  private final JobFilter filter;
  private final boolean isAll;
  private final Map<JobKey, Sent> jobs = new HashMap<>();

  private SentJobs(JobFilter filter, boolean isAll) {
    this.filter = filter;
    this.isAll = isAll;
  }

  /** Returns those of a snapshot: a job that is missing has not been sent. */
  static SentJobs ofSnapshot(JobFilter filter) {
    return new SentJobs(filter, true);
  }

  /** Returns those since a position: a job that is missing has not changed since. */
  static SentJobs sincePosition(JobFilter filter) {
    return new SentJobs(filter, false);
  }

  /**
   * What was sent last of one job.
   *
   * @param state its state; null: that it no longer matches
   */
  private record Sent(Timestamp created, long revision, @Nullable JobState state) {
    /** Returns whether this record, a later one, or a later job of this id is known. */
    boolean covers(JobRecord other) {
      Timestamp otherCreated = other.getJob().getCreateTime();
      return created.equals(otherCreated)
          ? revision >= other.getRevision()
          : Times.instant(created).isAfter(Times.instant(otherCreated));
    }
  }

  int size() {
    return jobs.size();
  }

  /** Remembers a job of a snapshot. */
  void add(JobRecord job) {
    put(JobKey.of(job), job, job.getRevision(), stateOf(job));
  }

  private void put(JobKey key, JobRecord job, long revision, @Nullable JobState state) {
    jobs.put(key, new Sent(job.getJob().getCreateTime(), revision, state));
  }

  /** Returns whether a change is part of what was sent. */
  boolean covers(NetChange change) {
    Sent known = jobs.get(change.key());
    return change.after() != null && known != null && known.covers(change.after());
  }

  /** Returns whether the watch has sent this job, or that it does not match. */
  boolean knows(NetChange change) {
    return isAll || jobs.containsKey(change.key());
  }

  /** Returns the state that was sent last of a job; null if the watch does not hold it. */
  @Nullable JobState stateBefore(NetChange change) {
    Sent known = jobs.get(change.key());
    if (known != null || isAll) {
      return known == null ? null : known.state();
    }
    return stateBefore(filter, change);
  }

  /** Returns the state of a job before a change; null if it did not match. */
  static @Nullable JobState stateBefore(JobFilter filter, NetChange change) {
    JobRecord before = change.before();
    return before != null && JobFilters.matches(filter, before.getJob()) ? stateOf(before) : null;
  }

  /** Remembers a change that has been sent. */
  void remember(NetChange change, boolean matches) {
    JobRecord after = change.after();
    JobRecord before = change.before();
    if (after != null && (matches || !isAll)) {
      put(change.key(), after, after.getRevision(), matches ? stateOf(after) : null);
    } else if (before != null && !isAll) {
      put(change.key(), before, Long.MAX_VALUE, null);
    } else {
      jobs.remove(change.key());
    }
  }

  static JobState stateOf(JobRecord record) {
    return record.getJob().getStatus().getState();
  }
}
