package dev.milepost.server.app;

import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.store.JobShape;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobView;
import java.util.function.UnaryOperator;

/** What a caller asks to be shown of jobs. */
public final class JobViews {
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
    return view == JobView.JOB_VIEW_BASIC ? JobViews::basic : job -> job;
  }

  private static Job basic(Job job) {
    Job.Builder basic = job.toBuilder();
    basic.getSpecBuilder().clearParams().clearMetadata();
    return basic.build();
  }
}
