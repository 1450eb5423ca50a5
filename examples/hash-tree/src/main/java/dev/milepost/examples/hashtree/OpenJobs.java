package dev.milepost.examples.hashtree;

import dev.milepost.client.AccessDeniedException;
import dev.milepost.client.CreateOptions;
import dev.milepost.client.InvalidRequestException;
import dev.milepost.client.JobAlreadyExistsException;
import dev.milepost.client.JobClient;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the job to work on: an unfinished job of an earlier run, or a new one. */
final class OpenJobs {
  private static final Set<JobState> OPEN =
      EnumSet.of(
          JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_CANCELLING);

  private final JobClient client;
  private final Duration lease;

  OpenJobs(JobClient client, Duration lease) {
    this.client = client;
    this.lease = lease;
  }

  /**
   * A job to work on.
   *
   * @param job the job as it is now
   * @param resumed whether an earlier run created it
   */
  record Found(Job job, boolean resumed) {}

  /**
   * @param jobId id of an existing job or for a new one; null for the unfinished job or a new one
   *     with any id
   */
  Found findOrCreate(HashTreeSpec spec, @Nullable String jobId) throws UsageException {
    try {
      return jobId == null ? openOrNew(spec) : named(spec, jobId);
    } catch (InvalidRequestException | AccessDeniedException e) {
      throw new UsageException("the server rejected the job: " + e.getMessage());
    }
  }

  private Found openOrNew(HashTreeSpec spec) {
    JobFilter filter = JobFilter.newBuilder().addTypes(spec.type()).addAllStates(OPEN).build();
    Optional<Job> open = client.stream(filter).findFirst();
    return open.map(job -> new Found(job, true))
        .orElseGet(() -> create(spec, CreateOptions.defaults()));
  }

  private Found named(HashTreeSpec spec, String jobId) throws UsageException {
    try {
      return create(spec, CreateOptions.defaults().jobId(jobId));
    } catch (JobAlreadyExistsException e) {
      Job job = client.get(jobId);
      if (!job.getSpec().getType().equals(spec.type())) {
        throw new UsageException(
            "job " + jobId + " belongs to another directory or manifest: choose another --job-id");
      }
      if (!OPEN.contains(job.getStatus().getState())) {
        throw new UsageException("job " + jobId + " has already finished: choose another --job-id");
      }
      return new Found(job, true);
    }
  }

  private Found create(HashTreeSpec spec, CreateOptions options) {
    return new Found(client.create(spec.toJob(lease), options).get(), false);
  }
}
