package dev.milepost.benchmarks.load;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.JobSpec;
import java.util.List;

/** The jobs that a large store holds: of many users and of several types. */
public final class FilledJobs {
  public static final List<String> TYPES = List.of("user-sync", "export", "thumbnails", "report");

  private static final int MOST_USERS = 1_000;

  private FilledJobs() {}

  /**
   * How many users share so many jobs: a thousand, but so few that each has a page of its own; else
   * a small store would have less to answer than a large one.
   */
  public static int users(int jobs) {
    return Math.max(1, Math.min(MOST_USERS, jobs / 100));
  }

  public static String user(int number) {
    return "owner-" + number;
  }

  /** The request of an operator that makes one of so many. */
  public static CreateJobRequest create(int number, int jobs) {
    // Users change faster than types, so that each user has jobs of every type.
    int users = users(jobs);
    JobSpec spec =
        SampleMessages.spec().toBuilder().setType(TYPES.get(number / users % TYPES.size())).build();
    return CreateJobRequest.newBuilder().setSpec(spec).setUserId(user(number % users)).build();
  }
}
