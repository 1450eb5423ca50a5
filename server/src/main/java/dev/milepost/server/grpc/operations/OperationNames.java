package dev.milepost.server.grpc.operations;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobValidation;

/** Names of operations: {@code operations/} and the job's id. */
final class OperationNames {
  /** Name of the only collection of operations in a tenant. */
  static final String COLLECTION = "operations";

  private static final String PREFIX = COLLECTION + '/';

  private OperationNames() {}

  /** Returns the name of a job's operation. */
  static String of(String jobId) {
    return PREFIX + jobId;
  }

  /** Returns the id of an operation's job, after checking it like any job id. */
  static String jobId(FieldChecks violations, String name) {
    if (!name.startsWith(PREFIX)) {
      violations.check(false, "name", "must be " + PREFIX + "JOB_ID");
      return name;
    }
    String jobId = name.substring(PREFIX.length());
    JobValidation.jobId(violations, "name", jobId);
    return jobId;
  }
}
