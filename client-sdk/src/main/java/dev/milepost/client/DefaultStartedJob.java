package dev.milepost.client;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A started job: a context without a handler, whose holder ends its attempt. */
final class DefaultStartedJob extends DefaultJobContext implements StartedJob {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultStartedJob.class);
  private static final Cleaner FORGOTTEN = Cleaner.create();

  private final AttemptSession session;

  /** Starts to keep the lease and to send reports. */
  DefaultStartedJob(AttemptSession session) {
    super(session);
    this.session = session;
    session.start();
    FORGOTTEN.register(this, () -> endForgotten(session));
  }

  @Override
  public CompletableFuture<Job> complete() {
    return end(new AttemptEnd.Complete(result()));
  }

  @Override
  public CompletableFuture<Job> fail(Throwable why) {
    Throwable cause = Futures.unwrap(why);
    return end(
        isCancelled(session) && cause instanceof JobCancelledException
            ? new AttemptEnd.ConfirmCancel()
            : new AttemptEnd.Fail(JobErrors.of(cause)));
  }

  @Override
  public CompletableFuture<Job> confirmCancel() {
    if (session.stop().kind() == null) {
      throw new IllegalStateException(
          "Job " + jobId() + " was not cancelled. End it with complete, fail or release.");
    }
    return end(new AttemptEnd.ConfirmCancel());
  }

  @Override
  public CompletableFuture<Job> release(String reason) {
    return end(new AttemptEnd.Release(reason));
  }

  @Override
  public void close() {
    Futures.join(end(unfinished(session)));
  }

  /** A copy, so that whoever cancels the future does not stop the report of the end. */
  private CompletableFuture<Job> end(AttemptEnd end) {
    try {
      if (!session.isEnding()) {
        logger().logSummaryIfDue();
      }
      return Futures.copy(session.end(end));
    } finally {
      Reference.reachabilityFence(this); // Otherwise this job could be found forgotten meanwhile.
    }
  }

  private static void endForgotten(AttemptSession session) {
    if (!session.isEnding()) {
      LOG.warn(
          "Job {} was started and then forgotten: nothing refers to it any more that could end it."
              + " It ends now. Call complete, fail or close.",
          session.attempt().jobId());
      Futures.onDone(session.end(unfinished(session)), (job, thrown) -> {});
    }
  }

  private static AttemptEnd unfinished(AttemptSession session) {
    if (isCancelled(session)) {
      return new AttemptEnd.ConfirmCancel();
    }
    return new AttemptEnd.Fail(
        JobError.newBuilder()
            .setCode(NOT_COMPLETED)
            .setMessage("The job was closed before it was completed.")
            .setRetryable(true)
            .build());
  }

  private static boolean isCancelled(AttemptSession session) {
    return session.stop().kind() == StopSignal.Kind.CANCELLED;
  }
}
