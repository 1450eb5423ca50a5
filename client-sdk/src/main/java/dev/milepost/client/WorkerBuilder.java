package dev.milepost.client;

import dev.milepost.v1.JobScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Builder of a {@link Worker}. Not thread-safe. */
public final class WorkerBuilder {
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}");
  private static final int MAX_TYPES = 100;
  private static final int MAX_PRIORITY = 100;
  private static final int MAX_WORKER_ID = 128;
  private static final Duration MAX_CLAIM_WAIT = Duration.ofSeconds(60);

  final JobClient client;
  final Map<String, JobHandler> handlers = new LinkedHashMap<>();
  final List<JobScope> scopes = new ArrayList<>();
  @Nullable JobHandler defaultHandler;
  String workerId = WorkerIds.ofThisProcess();
  int concurrency = 1;
  int minPriority = 0;
  int maxPriority = 100;
  Duration claimWait = Duration.ofSeconds(30);
  Duration drainTimeout = Duration.ofSeconds(25);
  @Nullable Duration interruptAfter;
  @Nullable Executor executor;
  final List<HandlerInterceptor> interceptors = new ArrayList<>();
  @Nullable Consumer<? super WorkerHealth> healthListener;

  WorkerBuilder(JobClient client) {
    this.client = client;
  }

  /**
   * Claims jobs of a type and runs them with this handler.
   *
   * @param type 1 to 128 characters from A-Z a-z 0-9 . _ : / -, starting with a letter or digit; at
   *     most 100 types have handlers
   * @throws IllegalArgumentException if no job can have this type, or it has a handler already
   */
  public WorkerBuilder handler(String type, JobHandler handler) {
    if (!TYPE.matcher(Objects.requireNonNull(type, "type")).matches()) {
      throw new IllegalArgumentException(
          "handler: no job can have the type \""
              + Texts.cut(type, 128)
              + "\"; a type is 1 to 128 characters from A-Z a-z 0-9 . _ : / -, starting with a"
              + " letter or digit");
    } else if (handlers.putIfAbsent(type, Objects.requireNonNull(handler, "handler")) != null) {
      throw new IllegalArgumentException("handler: the type " + type + " has one already");
    } else if (handlers.size() > MAX_TYPES) {
      throw new IllegalArgumentException(
          "handler: at most "
              + MAX_TYPES
              + " types can have one; use defaultHandler, or several workers");
    }
    return this;
  }

  /**
   * Claims jobs of several types and runs each with its handler.
   *
   * @throws IllegalArgumentException as {@link #handler} does
   */
  public WorkerBuilder handlers(Map<String, ? extends JobHandler> handlers) {
    handlers.forEach(this::handler);
    return this;
  }

  /** Claims jobs of every type; runs those whose type has no handler with this one. */
  public WorkerBuilder defaultHandler(JobHandler handler) {
    this.defaultHandler = Objects.requireNonNull(handler, "handler");
    return this;
  }

  /**
   * Claims only jobs of this scope; call it again to add more scopes. Default: all.
   *
   * @throws IllegalArgumentException if it is unspecified, which no job's scope is
   */
  public WorkerBuilder scope(JobScope scope) {
    if (scope == JobScope.JOB_SCOPE_UNSPECIFIED || scope == JobScope.UNRECOGNIZED) {
      throw new IllegalArgumentException("scope: no job has the scope " + scope);
    } else if (!scopes.contains(Objects.requireNonNull(scope, "scope"))) {
      scopes.add(scope);
    }
    return this;
  }

  /**
   * Claims only jobs of these priorities, bounds included. Default: 0 to 100.
   *
   * @throws IllegalArgumentException unless 0 &lt;= min &lt;= max &lt;= 100
   */
  public WorkerBuilder priorities(int min, int max) {
    if (min < 0 || min > max || max > MAX_PRIORITY) {
      throw new IllegalArgumentException(
          "priorities: must be 0 <= min <= max <= 100, but are " + min + " to " + max);
    }
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
      throw new IllegalArgumentException("concurrency: must be at least 1, but is " + jobs);
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

  /**
   * Sets the worker's id, which is shown to people. Default: "host:pid".
   *
   * @param id 1 to 128 characters
   * @throws IllegalArgumentException if it is blank or longer
   */
  public WorkerBuilder workerId(String id) {
    this.workerId = Checks.text("workerId", id, MAX_WORKER_ID);
    return this;
  }

  /**
   * Sets how long one claim waits at the server for jobs. Default: 30 s.
   *
   * @param wait 0 to 60 s
   * @throws IllegalArgumentException if it is shorter or longer
   */
  public WorkerBuilder claimWait(Duration wait) {
    if (Checks.notNegative("claimWait", wait).compareTo(MAX_CLAIM_WAIT) > 0) {
      throw new IllegalArgumentException("claimWait: must be at most 60 s, but is " + wait);
    }
    this.claimWait = wait;
    return this;
  }

  /**
   * Sets how long {@link Worker#close()} takes at most. Default: 25 s, so that a process which
   * closes its worker when it is told to stop ends within the 30 s that Kubernetes waits.
   *
   * @param timeout 0 or more
   */
  public WorkerBuilder drainTimeout(Duration timeout) {
    this.drainTimeout = Checks.notNegative("drainTimeout", timeout);
    return this;
  }

  /**
   * Sets how long a handler may continue after a cancel before its thread is interrupted. Default:
   * half of the job's cancel grace period.
   *
   * @param time 0 or more
   */
  public WorkerBuilder interruptAfter(Duration time) {
    this.interruptAfter = Checks.notNegative("interruptAfter", time);
    return this;
  }

  /**
   * Sets a listener that receives the worker's health whenever it changes, on the client's
   * executor, one change at a time; see {@link Worker#health()}.
   */
  public WorkerBuilder onHealthChange(Consumer<? super WorkerHealth> listener) {
    this.healthListener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Creates the worker, which starts claiming jobs. If it can never work, {@link Worker#stopped()}
   * says so.
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
