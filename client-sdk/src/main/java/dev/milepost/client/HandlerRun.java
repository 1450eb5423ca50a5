package dev.milepost.client;

import com.google.protobuf.Struct;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobError;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a handler on the calling thread and ends its attempt accordingly, whatever the handler
 * throws: an attempt without an end would renew its lease for ever, with nobody working on it.
 */
final class HandlerRun {
  private static final Logger LOG = LoggerFactory.getLogger(HandlerRun.class);

  private final AttemptSession session;
  private @Nullable DefaultJobContext context;
  private @Nullable Throwable thrown;
  private boolean interruptedExternally;

  HandlerRun(AttemptSession session) {
    this.session = session;
  }

  /** Runs the handler and reports the end to the server; the future has the job after its end. */
  CompletableFuture<Job> run(JobHandler handler) {
    StopSignal stop = session.stop();
    JobError error = JobError.getDefaultInstance();
    stop.begin();
    try {
      session.start();
      DefaultJobContext given = new DefaultJobContext(session);
      context = given;
      try (JobContext.Scope scope = given.makeCurrent()) {
        handler.handle(given);
      }
    } catch (Throwable failure) {
      // Whatever it is, the job must end. Callers of JobClient.run() receive it as a cause.
      thrown = failure;
      // Calls the exception's own methods, so a cancel must still be able to interrupt.
      error = JobErrors.of(failure);
    } finally {
      stop.end();
    }
    interruptedExternally = Thread.interrupted();
    return session.end(endOf(error));
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

  private AttemptEnd endOf(JobError error) {
    AttemptEnd end = thrown == null ? endOfReturn() : endOfThrow(thrown, error);
    try {
      if (context != null) {
        context.logger().logSummaryIfDue();
      }
    } catch (Throwable e) {
      LOG.warn("Job {}: cannot write the summary.", session.attempt().jobId(), e);
    }
    return end;
  }

  /**
   * A handler that was made to stop and returns has probably caught what stopped it, and left its
   * work undone: it completes the job only if it says so.
   */
  private AttemptEnd endOfReturn() {
    boolean isComplete = context != null && context.isCompleted();
    AttemptEnd stopped = session.stop().hasReachedHandler() && !isComplete ? stopped() : null;
    if (stopped != null) {
      return stopped;
    }
    return new AttemptEnd.Complete(
        context == null ? Struct.getDefaultInstance() : context.result());
  }

  private AttemptEnd endOfThrow(Throwable failure, JobError error) {
    boolean isStopping = isStopping(failure);
    AttemptEnd stopped =
        !(failure instanceof JobFailure) && (isStopping || session.stop().hasInterrupted())
            ? stopped()
            : null;
    if (stopped == null) {
      return new AttemptEnd.Fail(error);
    }
    if (!isStopping && context != null) {
      // Most likely it follows from the interrupt, but it must not vanish.
      context.logger().info("The interrupted handler ended with an exception.", failure);
    }
    return stopped;
  }

  /** Returns how an attempt ends that was asked to stop; null if it was not asked. */
  private @Nullable AttemptEnd stopped() {
    StopSignal.Kind why = session.stop().kind();
    if (why == StopSignal.Kind.CANCELLED) {
      return new AttemptEnd.ConfirmCancel();
    } else if (why == StopSignal.Kind.WORKER_STOPPING) {
      return new AttemptEnd.Release(session.stop().reason());
    }
    return null;
  }

  /**
   * Whether the exception shows that the handler stopped because it was asked or interrupted to.
   */
  private static boolean isStopping(Throwable failure) {
    return ThrowableText.causes(failure).stream()
        .anyMatch(
            cause ->
                cause instanceof JobCancelledException
                    || cause instanceof InterruptedException
                    || cause instanceof ClosedByInterruptException
                    || cause instanceof CancellationException
                    || (cause instanceof InterruptedIOException
                        && !(cause instanceof SocketTimeoutException)));
  }
}
