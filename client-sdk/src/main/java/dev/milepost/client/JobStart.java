package dev.milepost.client;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.StartJob;
import java.util.concurrent.CompletableFuture;

/** Creates a job that runs at once, in this process. */
final class JobStart {
  private JobStart() {}

  /**
   * Creates the job and starts its first attempt, whose session sends nothing until it is started.
   */
  static CompletableFuture<AttemptSession> create(
      ClientCore core, JobSpec spec, CreateOptions options) {
    StartJob start = StartJob.newBuilder().setWorkerId(WorkerIds.ofThisProcess()).build();
    CreateJobRequest request = options.toRequest(spec).setStart(start).build();
    return Futures.map(
        core.calls().unary(JobServiceGrpc.getCreateJobMethod(), request),
        created -> session(core, created));
  }

  private static AttemptSession session(ClientCore core, CreateJobResponse created) {
    if (!created.hasGrant()) {
      throw new LeaseLostException(
          "job " + created.getJob().getId() + " was started by an earlier call and has ended",
          null);
    }
    Attempt attempt = new Attempt(created.getJob(), created.getGrant());
    return new AttemptSession(attempt, core.reporting(), core.calls(), null);
  }
}
