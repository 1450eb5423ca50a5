package dev.milepost.client;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.StartJob;
import org.jspecify.annotations.Nullable;

/** Creates a job and runs it on the calling thread. */
final class LocalRunner {
  private final ClientCore core;

  LocalRunner(ClientCore core) {
    this.core = core;
  }

  Job run(JobSpec spec, CreateOptions options, JobHandler handler) {
    HandlerRun run = new HandlerRun(session(create(spec, options)));
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
    }
    return job;
  }

  private CreateJobResponse create(JobSpec spec, CreateOptions options) {
    StartJob start = StartJob.newBuilder().setWorkerId(WorkerIds.ofThisProcess()).build();
    CreateJobRequest request = options.toRequest(spec).setStart(start).build();
    CreateJobResponse created =
        Futures.join(core.calls().unary(JobServiceGrpc.getCreateJobMethod(), request));
    if (!created.hasGrant()) {
      throw new LeaseLostException(
          "job " + created.getJob().getId() + " was started by an earlier call and has ended",
          null);
    }
    return created;
  }

  private AttemptSession session(CreateJobResponse created) {
    Attempt attempt = new Attempt(created.getJob(), created.getGrant());
    return new AttemptSession(attempt, core.reporting(), core.calls(), null);
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
