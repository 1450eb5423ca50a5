package dev.milepost.client;

import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.Job;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that run in a worker, each on a thread of its own, or on the worker's executor. Threads
 * are reused, because creating one costs more than a short job. Thread-safe.
 */
final class RunningJobs {
  private static final Logger LOG = LoggerFactory.getLogger(RunningJobs.class);

  /**
   * Maximum share of the time for closing that is kept for handlers that are interrupted, and for
   * releasing their jobs.
   */
  private static final Duration MAX_STOP_TIMEOUT = Duration.ofSeconds(5);

  /** How long a slot stays taken after the executor has rejected its job. */
  private static final Duration REJECTED_PAUSE = Duration.ofSeconds(1);

  /** How long a thread without a job is kept. */
  private static final long IDLE_SECONDS = 10;

  private static final String THREAD_NAME = "milepost-job";
  private static final String SHUTDOWN_REASON = "the worker is shutting down";

  private final ClientCore core;
  private final Map<String, JobHandler> handlers;
  private final @Nullable JobHandler defaultHandler;
  private final int slots;
  private final @Nullable Duration interruptAfter;

  /** Used unless the builder has an executor. */
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          RunningJobs::thread);

  private final Executor executor;
  private final List<HandlerInterceptor> interceptors;
  private final Set<AttemptSession> sessions = new HashSet<>();

  RunningJobs(WorkerBuilder settings) {
    this.core = settings.client.core();
    this.handlers = Map.copyOf(settings.handlers);
    this.defaultHandler = settings.defaultHandler;
    this.slots = settings.concurrency;
    this.interruptAfter = settings.interruptAfter;
    this.executor = settings.executor == null ? threads : settings.executor;
    this.interceptors = List.copyOf(settings.interceptors);
  }

  /**
   * The claim loop's thread keeps the JVM running while there are jobs; a handler that ignores its
   * interrupt must not, once the worker is closed.
   */
  private static Thread thread(Runnable work) {
    Thread daemon = new Thread(work, THREAD_NAME);
    daemon.setDaemon(true);
    return daemon;
  }

  synchronized int running() {
    return sessions.size();
  }

  /** Waits until no job runs. */
  synchronized void awaitIdle() throws InterruptedException {
    while (!sessions.isEmpty()) {
      wait();
    }
  }

  /** Waits for a free slot; returns the number of free ones. */
  synchronized int awaitFree() throws InterruptedException {
    while (sessions.size() >= slots) {
      wait();
    }
    return slots - sessions.size();
  }

  void start(ClaimedJob claimed) {
    JobHandler handler =
        handlers.getOrDefault(claimed.getJob().getSpec().getType(), defaultHandler);
    if (handler == null) {
      var unused = release(List.of(claimed));
      return;
    }
    AttemptSession session = session(claimed);
    synchronized (this) {
      sessions.add(session);
    }
    try {
      // What an interceptor throws ends the job, as what the handler throws does.
      JobHandler whole = context -> intercepted(handler).handle(context);
      executor.execute(() -> run(session, whole));
    } catch (Throwable e) {
      // Rejected, or no memory for a thread: the job must not stay claimed by nobody.
      LOG.warn("The executor rejected job {}: it is released.", session.attempt().jobId(), e);
      Futures.onDone(
          session.end(new AttemptEnd.Release("the worker's executor rejected it")),
          (job, thrown) -> removeLater(session));
    }
  }

  /** Keeps the slot for a while, so that a full executor is not offered jobs all the time. */
  private void removeLater(AttemptSession session) {
    if (!core.timer().runIn(REJECTED_PAUSE, () -> remove(session))) {
      remove(session);
    }
  }

  /** The handler with all interceptors around it, the first one outermost. */
  private JobHandler intercepted(JobHandler handler) {
    JobHandler whole = handler;
    for (int i = interceptors.size() - 1; i >= 0; i--) {
      whole = interceptors.get(i).around(whole);
    }
    return whole;
  }

  private synchronized void remove(AttemptSession session) {
    sessions.remove(session);
    notifyAll();
  }

  private AttemptSession session(ClaimedJob claimed) {
    Attempt attempt = new Attempt(claimed.getJob(), claimed.getGrant());
    return new AttemptSession(attempt, core.reporting(), core.calls(), interruptAfter);
  }

  private void run(AttemptSession session, JobHandler handler) {
    HandlerRun run = new HandlerRun(session);
    Thread thread = Thread.currentThread();
    String name = thread.getName();
    thread.setName(THREAD_NAME + "-" + session.attempt().jobId());
    try {
      // A copy, so that a worker that closes does not stop the report of the end.
      Job job = Futures.join(Futures.copy(run.run(handler)));
      if (run.thrown() != null) {
        logThrown(job, run.thrown());
      }
    } catch (RuntimeException | Error e) {
      LOG.warn("Job {}: could not report the job's end.", session.attempt().jobId(), e);
    } finally {
      thread.setName(name);
      remove(session);
    }
  }

  /** A logger calls the exception's own methods, which may throw, or never come to an end. */
  private static void logThrown(Job job, Throwable thrown) {
    Throwable printable = ThrowableText.isPrintable(thrown) ? thrown : null;
    LOG.info(
        "The handler of job {} threw {}; the job is now {}.",
        job.getId(),
        UserCode.className(thrown),
        job.getStatus().getState(),
        printable);
  }

  /** Releases claimed jobs that have not been started; completes when the server has done so. */
  CompletableFuture<Void> release(List<ClaimedJob> claimed) {
    return releaseAll(claimed.stream().map(this::session).toList());
  }

  /**
   * Waits for the running jobs to end; interrupts and releases those that do not end in time.
   *
   * @param timeout for all of that together
   * @return number of jobs that had to be released
   */
  int drain(Duration timeout) {
    try {
      return end(timeout);
    } finally {
      threads.shutdown();
    }
  }

  private int end(Duration timeout) {
    Deadline deadline = Deadline.in(timeout);
    Duration half = timeout.dividedBy(2);
    Duration stopTimeout = half.compareTo(MAX_STOP_TIMEOUT) < 0 ? half : MAX_STOP_TIMEOUT;
    if (awaitEmpty(timeout.minus(stopTimeout))) {
      return 0;
    }
    List<AttemptSession> interrupted = snapshot();
    for (AttemptSession session : interrupted) {
      session.stop().raise(StopSignal.Kind.WORKER_STOPPING, SHUTDOWN_REASON);
      session.stop().interrupt();
    }
    if (!awaitEmpty(stopTimeout.dividedBy(2))) {
      await(releaseAll(snapshot()), deadline);
    }
    return interrupted.size();
  }

  private static CompletableFuture<Void> releaseAll(List<AttemptSession> unfinished) {
    return CompletableFuture.allOf(
        unfinished.stream()
            .map(session -> session.end(new AttemptEnd.Release(SHUTDOWN_REASON)))
            .map(end -> end.handle(RunningJobs::logFailure))
            .toArray(CompletableFuture<?>[]::new));
  }

  /** Waits, but not beyond the deadline; a job that was not released by then loses its lease. */
  static void await(CompletableFuture<?> released, Deadline deadline) {
    try {
      released.get(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Failures are logged.
    }
  }

  private static @Nullable Job logFailure(@Nullable Job job, @Nullable Throwable thrown) {
    if (thrown != null) {
      LOG.warn("Could not release a job; it becomes available when its lease expires.", thrown);
    }
    return job;
  }

  private synchronized List<AttemptSession> snapshot() {
    return List.copyOf(sessions);
  }

  private synchronized boolean awaitEmpty(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      while (!sessions.isEmpty()) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        wait(millis);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
