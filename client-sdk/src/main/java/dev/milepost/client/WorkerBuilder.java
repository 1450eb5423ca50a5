package dev.milepost.client;

import dev.milepost.v1.JobScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Builder of a {@link Worker}. Not thread-safe. */
public final class WorkerBuilder {
  final JobClient client;
  final Map<String, JobHandler> handlers = new LinkedHashMap<>();
  final List<JobScope> scopes = new ArrayList<>();
  @Nullable JobHandler defaultHandler;
  String workerId = WorkerIds.ofThisProcess();
  int concurrency = 1;
  int minPriority = 0;
  int maxPriority = 100;
  Duration claimWait = Duration.ofSeconds(30);
  Duration drainTimeout = Duration.ofSeconds(30);
  @Nullable Duration interruptAfter;
  @Nullable Executor executor;
  final List<HandlerInterceptor> interceptors = new ArrayList<>();

  WorkerBuilder(JobClient client) {
    this.client = client;
  }

  /** Claims jobs of a type and runs them with this handler. */
  public WorkerBuilder handler(String type, JobHandler handler) {
    handlers.put(type, handler);
    return this;
  }

  /** Claims jobs of several types and runs each with its handler. */
  public WorkerBuilder handlers(Map<String, JobHandler> handlers) {
    this.handlers.putAll(handlers);
    return this;
  }

  /** Claims jobs of every type; runs those whose type has no handler with this one. */
  public WorkerBuilder defaultHandler(JobHandler handler) {
    this.defaultHandler = handler;
    return this;
  }

  /** Claims only jobs of this scope; call it again to add more scopes. Default: all. */
  public WorkerBuilder scope(JobScope scope) {
    scopes.add(scope);
    return this;
  }

  /** Claims only jobs of these priorities, bounds included. Default: 0 to 100. */
  public WorkerBuilder priorities(int min, int max) {
    this.minPriority = min;
    this.maxPriority = max;
    return this;
  }

  /**
   * Sets how many jobs run at the same time, each on a thread of its own. Default: 1.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public WorkerBuilder concurrency(int jobs) {
    if (jobs < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1");
    }
    this.concurrency = jobs;
    return this;
  }

  /**
   * Runs handlers on this executor, which must have a free thread for each of the {@link
   * #concurrency} jobs: a job whose handler waits for a thread is already running for the server.
   * The worker does not shut it down. A job that it rejects is released. Default: threads of the
   * worker's own.
   */
  public WorkerBuilder executor(Executor executor) {
    this.executor = executor;
    return this;
  }

  /**
   * Runs each handler on a virtual thread, so that {@link #concurrency} may be in the thousands for
   * work that mostly waits.
   *
   * @throws IllegalStateException before Java 21
   */
  public WorkerBuilder virtualThreads() {
    return executor(VirtualThreads.executor());
  }

  /** Runs this around each handler; call it again to add more. The first one is the outermost. */
  public WorkerBuilder intercept(HandlerInterceptor interceptor) {
    interceptors.add(interceptor);
    return this;
  }

  /** Sets the worker's id, which is shown to people. Default: "host:pid". */
  public WorkerBuilder workerId(String id) {
    this.workerId = id;
    return this;
  }

  /** Sets how long one claim waits at the server for jobs, at most 60 s. Default: 30 s. */
  public WorkerBuilder claimWait(Duration wait) {
    this.claimWait = wait;
    return this;
  }

  /** Sets how long {@link Worker#close()} waits for running jobs. Default: 30 s. */
  public WorkerBuilder drainTimeout(Duration timeout) {
    this.drainTimeout = timeout;
    return this;
  }

  /**
   * Sets how long a handler may continue after a cancel before its thread is interrupted. Default:
   * half of the job's cancel grace period.
   */
  public WorkerBuilder interruptAfter(Duration time) {
    this.interruptAfter = time;
    return this;
  }

  /**
   * Creates the worker, which starts claiming jobs.
   *
   * @throws IllegalStateException if there is no handler
   */
  public Worker start() {
    if (handlers.isEmpty() && defaultHandler == null) {
      throw new IllegalStateException(
          "the worker has no handler; add one with handler(type, handler)");
    }
    return new Worker(this);
  }
}
