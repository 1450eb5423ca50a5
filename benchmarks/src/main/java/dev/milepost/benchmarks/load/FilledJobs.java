package dev.milepost.benchmarks.load;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.JobSpec;
import java.util.List;

/** The jobs in a large store, which have many owners and several types. */
public final class FilledJobs {
  public static final List<String> TYPES = List.of("user-sync", "export", "thumbnails", "report");

  private static final int MAX_USERS = 1_000;

  private FilledJobs() {}

  /**
   * Returns the number of owners: at most a thousand, and few enough that each has a full page of
   * jobs. Otherwise a small store would return less than a large one.
   */
  public static int users(int jobs) {
    return Math.max(1, Math.min(MAX_USERS, jobs / 100));
  }

  /** Returns the name of an owner. */
  public static String user(int number) {
    return "owner-" + number;
  }

  /** Returns the request with which an operator creates job {@code number} of {@code jobs}. */
  public static CreateJobRequest create(int number, int jobs) {
    // Owners change faster than types, so that each owner has jobs of every type.
    int users = users(jobs);
    JobSpec spec =
        SampleMessages.spec().toBuilder().setType(TYPES.get(number / users % TYPES.size())).build();
    return CreateJobRequest.newBuilder().setSpec(spec).setUserId(user(number % users)).build();
  }
}
