package dev.milepost.server.store;

import dev.milepost.server.job.DecisionContext;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an update found, as of the moment of its decision.
 *
 * @param now the time that decides
 * @param jobs the selected jobs that exist, in the order of the selection; then those that the
 *     request names
 * @param parents parents of these jobs, where they are not among them
 * @param items the selected items that exist, by id
 * @param request the record of the request; empty where there is none or it has expired
 */
public record Found(
    Instant now,
    List<JobRecord> jobs,
    List<JobRecord> parents,
    Map<String, Item> items,
    Optional<RequestRecord> request)
    implements DecisionContext {
  /** Copies the jobs. */
  public Found {
    jobs = List.copyOf(jobs);
    parents = List.copyOf(parents);
  }

  /** A selected job by its key. */
  public Optional<JobRecord> job(JobKey key) {
    return in(jobs, key);
  }

  @Override
  public Optional<JobRecord> jobOrParent(JobKey key) {
    Optional<JobRecord> selected = job(key);
    return selected.isPresent() ? selected : in(parents, key);
  }

  /** The parents of jobs, as far as they are not among them: a store loads them too. */
  public static List<JobKey> parentsOf(List<JobRecord> jobs) {
    Set<JobKey> parents = new LinkedHashSet<>();
    for (JobRecord job : jobs) {
      if (JobRecords.isChild(job)) {
        parents.add(JobRecords.parentOf(job));
      }
    }
    if (parents.isEmpty()) {
      return List.of();
    }
    jobs.forEach(job -> parents.remove(JobKey.of(job)));
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
