package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import org.jspecify.annotations.Nullable;

/** Creates a job and runs it on the calling thread. */
final class LocalRunner {
  private final ClientCore core;

  LocalRunner(ClientCore core) {
    this.core = core;
  }

  Job run(JobSpec spec, CreateOptions options, JobHandler handler) {
    HandlerRun run = new HandlerRun(Futures.join(JobStart.create(core, spec, options)));
    Job job = null;
    JobException failure = null;
    try {
      // A copy, so that an interrupted wait does not cancel the report of the end.
      job = Futures.join(Futures.copy(run.run(handler)));
    } catch (JobException e) {
      failure = e;
    } finally {
      if (run.interruptedExternally()) {
        Thread.currentThread().interrupt();
      }
    }
    if (job == null) {
      throw withCause(failure, run.thrown());
    } else if (run.thrown() != null) {
      throw toException(job, run.thrown());
    } else if (job.getStatus().getState() == JobState.JOB_STATE_CANCELLED) {
      throw new JobCancelledException(job.getStatus().getCancel().getReason());
    }
    return job;
  }

  private static JobException toException(Job job, Throwable thrown) {
    return job.getStatus().getState() == JobState.JOB_STATE_CANCELLED && !job.getStatus().hasError()
        ? new JobCancelledException(job.getStatus().getCancel().getReason(), thrown)
        : new JobFailedException(job, thrown);
  }

  private static JobException withCause(
      @Nullable JobException failure, @Nullable Throwable thrown) {
    if (failure == null) {
      return new JobException(io.grpc.Status.Code.UNKNOWN, "the job's end is unknown", thrown);
    }
    if (thrown != null && thrown != failure) {
      failure.addSuppressed(thrown);
    }
    return failure;
  }
}
