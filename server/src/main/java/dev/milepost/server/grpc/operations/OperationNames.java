package dev.milepost.server.grpc.operations;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;

/** Names of operations: {@code operations/} and the job's id. */
public final class OperationNames {
  /** Name of the only collection of operations in a tenant. */
  static final String COLLECTION = "operations";

  private static final String PREFIX = COLLECTION + '/';

  private OperationNames() {}

  /** Returns the name of a job's operation. */
  public static String of(String jobId) {
    return PREFIX + jobId;
  }

  /** Returns the id within a name that has not been checked; the name itself if it has no id. */
  public static String jobIdIn(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  /** Returns the id of an operation's job, after checking it like any job id. */
  static String jobId(FieldChecks violations, String name) {
    if (name.startsWith(PREFIX)) {
      JobValidation.jobId(violations, "name", jobIdIn(name));
    } else {
      violations.check(false, "name", "must be " + PREFIX + "JOB_ID");
    }
    return jobIdIn(name);
  }
}
