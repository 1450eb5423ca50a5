package dev.milepost.client;

import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobView;

/**
 * Follows all jobs that match a filter: first a snapshot, then every job that enters, changes or
 * leaves.
 *
 * <p>It does not end by itself. If the server no longer keeps the position at which a lost
 * connection should resume, a new snapshot starts, announced by {@link
 * JobListEvent.SnapshotStarted}. A slow consumer may miss intermediate changes of a job, but never
 * its latest one.
 */
public final class JobListWatch extends Watch<JobListEvent> {
  JobListWatch(ClientCore core, JobFilter filter, JobView view) {
    super(core, new JobListWatchProtocol(filter, view));
  }
}
