package dev.milepost.server.app;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.store.JobShape;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobView;
import java.util.function.UnaryOperator;

/** What a caller asks to be shown of jobs. */
public final class JobViews {
  /** One object for all callers, so that what watches show can be shared. */
  private static final UnaryOperator<Job> BASIC = JobViews::basic;

  private static final UnaryOperator<Job> FULL = UnaryOperator.identity();

  private JobViews() {}

  /** Checks a view. */
  public static void validate(FieldChecks violations, JobView view) {
    violations.known("view", view != JobView.UNRECOGNIZED);
  }

  /** Returns what a read keeps of each job for a view. */
  static JobShape shape(JobView view) {
    return view == JobView.JOB_VIEW_BASIC
        ? record -> record.toBuilder().setJob(basic(record.getJob())).build()
        : JobShape.WHOLE;
  }

  /** Returns what a view shows of a job. */
  public static UnaryOperator<Job> of(JobView view) {
    return view == JobView.JOB_VIEW_BASIC ? BASIC : FULL;
  }

  private static Job basic(Job job) {
    if (!job.getSpec().hasParams() && !job.getSpec().hasMetadata()) {
      return job;
    }
    Job.Builder basic = job.toBuilder();
    basic.getSpecBuilder().clearParams().clearMetadata();
    return basic.build();
  }
}
