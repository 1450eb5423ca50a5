package dev.milepost.client;

import dev.milepost.v1.Job;
import java.util.List;

/**
 * What is known of jobs that were asked for by their ids.
 *
 * @param jobs the jobs that were found, in the order of the ids
 * @param missing ids of jobs that do not exist, or that the caller may not see
 * @param unreadable ids of jobs whose stored records are damaged; they can be deleted
 */
public record FoundJobs(List<Job> jobs, List<String> missing, List<String> unreadable) {
  /** Makes the lists unmodifiable. */
  public FoundJobs {
    jobs = List.copyOf(jobs);
    missing = List.copyOf(missing);
    unreadable = List.copyOf(unreadable);
  }
}
