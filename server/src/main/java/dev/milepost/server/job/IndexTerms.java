package dev.milepost.server.job;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The terms under which stores index jobs, beside user, parent, type and state: each label, the
 * display name, and when the job ended. Each term is a text in at most two lines. A job without any
 * of them costs no entry.
 */
public final class IndexTerms {
  /** Jobs that ended within the same so many microseconds have the same term. */
  private static final long BUCKET_MICROS = Duration.ofHours(6).toNanos() / 1_000;

  /** Maximum number of terms for a range of end times. */
  private static final int MAX_BUCKETS = 61;

  private IndexTerms() {}

  /** Returns the terms of a job. */
  public static Set<String> of(Job job) {
    Set<String> terms = new LinkedHashSet<>();
    JobSpec spec = job.getSpec();
    spec.getLabelsMap().forEach((key, value) -> terms.add(label(key, value)));
    if (!spec.getDisplayName().isEmpty()) {
      terms.add(displayName(spec.getDisplayName()));
    }
    if (job.getStatus().hasEndTime()) {
      terms.add(ended(Times.micros(job.getStatus().getEndTime()) / BUCKET_MICROS));
    }
    return terms;
  }

  /** Whether two versions of a job have the same terms. May say no although they have; is quick. */
  public static boolean areSame(Job before, Job after) {
    return before.getSpec().equals(after.getSpec())
        && before.getStatus().hasEndTime() == after.getStatus().hasEndTime();
  }

  /**
   * Returns the ways to find the jobs that match a filter. Each way is a list of terms: every job
   * that matches has exactly one of them. Empty if the filter has nothing that is indexed.
   */
  public static List<List<String>> ways(JobFilter filter) {
    List<List<String>> ways = new ArrayList<>();
    if (!filter.getDisplayName().isEmpty()) {
      ways.add(List.of(displayName(filter.getDisplayName())));
    }
    filter.getLabelsMap().forEach((key, value) -> ways.add(List.of(label(key, value))));
    if (filter.hasEndTimeFrom() && filter.hasEndTimeUntil()) {
      long first = Math.floorDiv(Times.micros(filter.getEndTimeFrom()), BUCKET_MICROS);
      long last = Math.floorDiv(Times.micros(filter.getEndTimeUntil()), BUCKET_MICROS);
      if (last >= first && last - first < MAX_BUCKETS) {
        List<String> buckets = new ArrayList<>();
        for (long bucket = first; bucket <= last; bucket++) {
          buckets.add(ended(bucket));
        }
        ways.add(buckets);
      }
    }
    return ways;
  }

  private static String label(String key, String value) {
    return "l" + key + "\n" + value;
  }

  private static String displayName(String name) {
    return "n" + name;
  }

  private static String ended(long bucket) {
    return "e" + bucket;
  }
}
