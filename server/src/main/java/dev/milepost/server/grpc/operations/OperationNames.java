package dev.milepost.server.grpc.operations;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;

/** Names of operations: {@code operations/} and the id of the job. */
public final class OperationNames {
  /** Name of the one collection that all operations of a tenant are in. */
  static final String COLLECTION = "operations";

  private static final String PREFIX = COLLECTION + '/';

  private OperationNames() {}

  /** Name of the operation that a job is. */
  public static String of(String jobId) {
    return PREFIX + jobId;
  }

  /** The id in a name that may be anything; the name itself where there is none in it. */
  public static String jobIdIn(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  /** The id of the job that an operation is, checked by the rules for a job's id. */
  static String jobId(FieldChecks violations, String name) {
    if (name.startsWith(PREFIX)) {
      JobValidation.jobId(violations, "name", jobIdIn(name));
    } else {
      violations.check(false, "name", "must be " + PREFIX + "JOB_ID");
    }
    return jobIdIn(name);
  }
}
