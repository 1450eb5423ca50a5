package dev.milepost.server.store;

import dev.milepost.server.job.ClockReading;
import dev.milepost.server.job.DecisionContext;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an update found, at the time of its decision.
 *
 * @param clock the clock that decides
 * @param jobs the selected jobs that exist, in the order of the selection, followed by those that
 *     the request names
 * @param parents parents of these jobs that are not among them
 * @param unreadable selected jobs and parents that exist but cannot be read
 * @param items the selected items that exist, by id
 * @param request the record of the request; empty if there is none or it has expired
 */
public record Found(
    ClockReading clock,
    List<JobRecord> jobs,
    List<JobRecord> parents,
    List<UnreadableJob> unreadable,
    Map<String, Item> items,
    Optional<RequestRecord> request)
    implements DecisionContext {
  /** Copies the jobs. */
  public Found {
    jobs = List.copyOf(jobs);
    parents = List.copyOf(parents);
    unreadable = List.copyOf(unreadable);
  }

  /** Returns a selected job by its key. */
  public Optional<JobRecord> job(JobKey key) {
    return in(jobs, key);
  }

  /** Returns a job that cannot be read by its key; empty if it can be read or does not exist. */
  public Optional<UnreadableJob> unreadable(JobKey key) {
    return unreadable.stream().filter(job -> job.key().equals(key)).findFirst();
  }

  @Override
  public Optional<JobRecord> jobOrParent(JobKey key) {
    Optional<JobRecord> selected = job(key);
    return selected.isPresent() ? selected : in(parents, key);
  }

  /**
   * Returns the parents of jobs, except those that are among the jobs. A store loads them too.
   *
   * @param unreadable further jobs, which cannot be read
   */
  public static List<JobKey> parentsOf(List<JobRecord> jobs, List<UnreadableJob> unreadable) {
    Set<JobKey> parents = new LinkedHashSet<>();
    for (JobRecord job : jobs) {
      if (JobRecords.isChild(job)) {
        parents.add(JobRecords.parentOf(job));
      }
    }
    for (UnreadableJob job : unreadable) {
      if (!job.known().getParentId().isEmpty()) {
        parents.add(new JobKey(job.key().tenantId(), job.known().getParentId()));
      }
    }
    if (parents.isEmpty()) {
      return List.of();
    }
    jobs.forEach(job -> parents.remove(JobKey.of(job)));
    unreadable.forEach(job -> parents.remove(job.key()));
    return List.copyOf(parents);
  }

  private static Optional<JobRecord> in(List<JobRecord> jobs, JobKey key) {
    for (JobRecord job : jobs) {
      if (job.getJob().getId().equals(key.jobId())
          && job.getJob().getTenantId().equals(key.tenantId())) {
        return Optional.of(job);
      }
    }
    return Optional.empty();
  }
}
