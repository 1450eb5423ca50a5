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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that run in a worker, each on a thread that it has for itself as long as it runs. A
 * thread that has become free takes another job, since to make one costs more than a short job
 * does. Thread-safe.
 */
final class RunningJobs {
  private static final Logger LOG = LoggerFactory.getLogger(RunningJobs.class);

  /** How long an interrupted handler has to stop before its job is given back all the same. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  /** A thread without a job ends after so long. */
  private static final long SPARE_SECONDS = 10;

  private static final String SPARE = "milepost-job";
  private static final String STOPPED = "the worker shuts down";

  private final ClientCore core;
  private final Map<String, JobHandler> handlers;
  private final @Nullable JobHandler defaultHandler;
  private final int places;
  private final @Nullable Duration interruptAfter;
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          SPARE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> new Thread(work, SPARE));
  private final Set<AttemptSession> sessions = new HashSet<>();

  RunningJobs(WorkerBuilder settings) {
    this.core = settings.client.core();
    this.handlers = Map.copyOf(settings.handlers);
    this.defaultHandler = settings.defaultHandler;
    this.places = settings.concurrency;
    this.interruptAfter = settings.interruptAfter;
  }

  synchronized int running() {
    return sessions.size();
  }

  /** Waits until there is a free place; answers how many there are. */
  synchronized int awaitFree() throws InterruptedException {
    while (sessions.size() >= places) {
      wait();
    }
    return places - sessions.size();
  }

  void start(ClaimedJob claimed) {
    JobHandler handler =
        handlers.getOrDefault(claimed.getJob().getSpec().getType(), defaultHandler);
    if (handler == null) {
      giveBack(List.of(claimed));
      return;
    }
    AttemptSession session = session(claimed);
    synchronized (this) {
      sessions.add(session);
    }
    threads.execute(() -> run(session, handler));
  }

  private AttemptSession session(ClaimedJob claimed) {
    Attempt attempt = new Attempt(claimed.getJob(), claimed.getGrant());
    return new AttemptSession(attempt, core.reporting(), core.calls(), interruptAfter);
  }

  private void run(AttemptSession session, JobHandler handler) {
    HandlerRun run = new HandlerRun(session);
    Thread thread = Thread.currentThread();
    thread.setName(SPARE + "-" + session.attempt().jobId());
    try {
      Job job = Futures.join(run.run(handler));
      if (run.thrown() != null) {
        LOG.info("Job {} is {} now.", job.getId(), job.getStatus().getState(), run.thrown());
      }
    } catch (RuntimeException e) {
      LOG.warn("Job {}: its end could not be told.", session.attempt().jobId(), e);
    } finally {
      thread.setName(SPARE);
      synchronized (this) {
        sessions.remove(session);
        notifyAll();
      }
    }
  }

  /** Gives jobs back that nobody here works on. */
  void giveBack(List<ClaimedJob> claimed) {
    release(claimed.stream().map(this::session).toList());
  }

  /** Waits for the jobs to end; then stops those that have not, and gives them back. */
  void drain(Duration timeout) {
    try {
      end(timeout);
    } finally {
      threads.shutdown();
    }
  }

  private void end(Duration timeout) {
    if (awaitEmpty(timeout)) {
      return;
    }
    for (AttemptSession session : snapshot()) {
      session.stop().raise(StopSignal.Kind.WORKER_STOPPING, STOPPED);
      session.stop().interrupt();
    }
    if (awaitEmpty(STOP_TIMEOUT)) {
      return;
    }
    release(snapshot());
  }

  private static void release(List<AttemptSession> given) {
    CompletableFuture<?>[] released =
        given.stream()
            .map(session -> session.end(new AttemptEnd.Release(STOPPED)))
            .map(end -> end.whenComplete(RunningJobs::note))
            .toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(released).get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Noted already, or the lease will end it.
    }
  }

  private static void note(@Nullable Job job, @Nullable Throwable thrown) {
    if (thrown != null) {
      LOG.warn("A job could not be given back; its lease will end it.", thrown);
    }
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
