package dev.milepost.client;

import dev.milepost.v1.Job;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a handler on the calling thread and ends its attempt accordingly. */
final class HandlerRun {
  private static final Logger LOG = LoggerFactory.getLogger(HandlerRun.class);

  private final AttemptSession session;
  private @Nullable Throwable thrown;
  private boolean interruptedExternally;

  HandlerRun(AttemptSession session) {
    this.session = session;
  }

  /** Runs the handler and reports the end to the server; the future has the job after its end. */
  CompletableFuture<Job> run(JobHandler handler) {
    DefaultJobContext context = new DefaultJobContext(session);
    session.start();
    StopSignal stop = session.stop();
    stop.begin();
    try (JobContext.Scope scope = context.makeCurrent()) {
      handler.handle(context);
    } catch (Throwable failure) {
      // Whatever it is, the job must end. Callers of JobClient.run() receive it as a cause.
      thrown = failure;
    } finally {
      stop.end();
    }
    interruptedExternally = Thread.interrupted();
    return session.end(endOf(context));
  }

  /** What the handler threw; null if it returned. */
  @Nullable Throwable thrown() {
    return thrown;
  }

  /**
   * Whether something other than this library interrupted the thread. The interrupt flag is clear
   * while the end is sent; the caller must set it again afterwards.
   */
  boolean interruptedExternally() {
    return interruptedExternally;
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
      LOG.warn("Job {}: cannot write the summary.", context.jobId(), e);
    }
  }

  /**
   * Whether the exception shows that the handler stopped because it was asked or interrupted to.
   */
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
