package dev.milepost.client;

import dev.milepost.v1.JobScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link Worker}. Not thread-safe. */
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

  WorkerBuilder(JobClient client) {
    this.client = client;
  }

  /** Takes jobs of this type, done by this handler. */
  public WorkerBuilder handler(String type, JobHandler handler) {
    handlers.put(type, handler);
    return this;
  }

  /** Takes jobs of these types, each done by its handler. */
  public WorkerBuilder handlers(Map<String, JobHandler> handlers) {
    this.handlers.putAll(handlers);
    return this;
  }

  /** Takes jobs of every type; those without a handler of their own are done by this one. */
  public WorkerBuilder defaultHandler(JobHandler handler) {
    this.defaultHandler = handler;
    return this;
  }

  /** Takes jobs of this scope only; may be called again for more. Default: any. */
  public WorkerBuilder scope(JobScope scope) {
    scopes.add(scope);
    return this;
  }

  /** Takes jobs of these priorities only. Default: 0 to 100. */
  public WorkerBuilder priorities(int min, int max) {
    this.minPriority = min;
    this.maxPriority = max;
    return this;
  }

  /** How many jobs run at the same time, each on a thread of its own; 1 where unset. */
  public WorkerBuilder concurrency(int jobs) {
    if (jobs < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1");
    }
    this.concurrency = jobs;
    return this;
  }

  /** Name of the worker, for people; "host:pid" where unset. */
  public WorkerBuilder workerId(String id) {
    this.workerId = id;
    return this;
  }

  /** How long one claim waits at the server for jobs, at most 60 s; 30 s where unset. */
  public WorkerBuilder claimWait(Duration wait) {
    this.claimWait = wait;
    return this;
  }

  /** How long {@link Worker#close()} lets running jobs go on; 30 s where unset. */
  public WorkerBuilder drainTimeout(Duration timeout) {
    this.drainTimeout = timeout;
    return this;
  }

  /**
   * How long a handler may go on after a cancel before its thread is interrupted. Default: half of
   * the time that the server gives.
   */
  public WorkerBuilder interruptAfter(Duration time) {
    this.interruptAfter = time;
    return this;
  }

  /**
   * Starts to claim jobs.
   *
   * @throws IllegalStateException where there is no handler
   */
  public Worker start() {
    if (handlers.isEmpty() && defaultHandler == null) {
      throw new IllegalStateException("a worker needs a handler");
    }
    return new Worker(this);
  }
}
