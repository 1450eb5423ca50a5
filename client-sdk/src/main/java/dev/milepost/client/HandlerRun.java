package dev.milepost.client;

import dev.milepost.v1.Job;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a handler on the calling thread and finds out how its attempt ends. */
final class HandlerRun {
  private static final Logger LOG = LoggerFactory.getLogger(HandlerRun.class);

  private final AttemptSession session;
  private @Nullable Throwable thrown;
  private boolean wasInterruptedByOthers;

  HandlerRun(AttemptSession session) {
    this.session = session;
  }

  /** Does the work and tells the server how it ended; the future has the job after that. */
  CompletableFuture<Job> run(JobHandler handler) {
    DefaultJobContext context = new DefaultJobContext(session);
    session.start();
    StopSignal stop = session.stop();
    stop.begin();
    try {
      handler.handle(context);
    } catch (Throwable failure) {
      // Whatever it is, somebody waits for the job: it must end. Callers of run() get it as a
      // cause.
      thrown = failure;
    } finally {
      stop.end();
    }
    wasInterruptedByOthers = Thread.interrupted();
    return session.end(endOf(context));
  }

  /** What the handler threw; null where it returned. */
  @Nullable Throwable thrown() {
    return thrown;
  }

  /**
   * Whether somebody else wants this thread to stop. The flag is clear while the end is told: set
   * it again after.
   */
  boolean wasInterruptedByOthers() {
    return wasInterruptedByOthers;
  }

  private AttemptEnd endOf(DefaultJobContext context) {
    writeSummary(context);
    StopSignal.Kind why = session.stop().kind();
    Throwable failure = thrown;
    if (failure == null) {
      return new AttemptEnd.Complete(context.result());
    } else if (why == StopSignal.Kind.CANCELLED && isStopping(failure)) {
      return new AttemptEnd.ConfirmCancel();
    } else if (why == StopSignal.Kind.WORKER_STOPPING && isStopping(failure)) {
      return new AttemptEnd.Release(session.stop().reason());
    }
    return new AttemptEnd.Fail(JobErrors.of(failure));
  }

  private void writeSummary(DefaultJobContext context) {
    try {
      context.logger().logSummaryIfDue();
    } catch (RuntimeException e) {
      LOG.warn("Job {}: the summary could not be written.", context.jobId(), e);
    }
  }

  /** Whether that is how work stops that was asked or interrupted to. */
  private static boolean isStopping(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof JobCancelledException
          || cause instanceof InterruptedException
          || cause instanceof ClosedByInterruptException) {
        return true;
      }
    }
    return false;
  }
}
