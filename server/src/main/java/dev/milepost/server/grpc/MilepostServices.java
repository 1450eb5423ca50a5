package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.app.AttemptTokens;
import dev.milepost.server.app.BatchCreation;
import dev.milepost.server.app.BulkChanges;
import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.ItemRetries;
import dev.milepost.server.app.JobAccess;
import dev.milepost.server.app.JobClaims;
import dev.milepost.server.app.JobCreation;
import dev.milepost.server.app.JobQueries;
import dev.milepost.server.app.JobQuota;
import dev.milepost.server.app.Pages;
import dev.milepost.server.app.Reports;
import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.app.SlicedChange;
import dev.milepost.server.app.TaskStarts;
import dev.milepost.server.app.TaskViews;
import dev.milepost.server.app.TokenSealer;
import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.task.TaskDefinitions;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.ListWatchHub;
import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;

/**
 * The services and what every call passes on its way to them, ready to be put on any transport.
 *
 * <p>Owns neither the store nor the hub: whoever made them closes them, after {@link #drain()}.
 */
public final class MilepostServices {
  /** Creates the service of google.longrunning, whose package uses this one. */
  @FunctionalInterface
  public interface OperationsFactory {
    BindableService create(JobAccess access, JobQueries queries, JobWaits waits, Pages pages);
  }

  /** So long one call changes many jobs: half of what the Java client waits for an answer. */
  private static final Duration SWEEP = Duration.ofSeconds(5);

  private final AccessInterceptor accessInterceptor;
  private final OpenCalls calls;
  private final AuditInterceptor audit;
  private final LimitInterceptor limits;
  private final RequestIds requestIds = new RequestIds();
  private final JobService jobService;
  private final WorkerService workerService;
  private final BindableService operationService;
  private final TaskService taskService;
  private final AdminService adminService;
  private final ServerHealth health;
  private final OpenStreams streams;
  private final ClaimWaiters waiters;
  private final JobWatchHub hub;
  private final ListWatchHub listWatchHub;
  private final ScheduledThreadPoolExecutor timer;
  private final StoreLoad store;

  /**
   * Puts the services together.
   *
   * @param operations creates the service of google.longrunning
   * @param tasks what tasks can be started from, now
   * @param recheck how often those whose calls go on are looked at again
   * @param observer is told what is done for callers
   */
  public MilepostServices(
      JobStore kept,
      JobRules rules,
      AccessPolicy policy,
      Authenticator authenticator,
      JobWatchHub hub,
      ListWatchHub listWatchHub,
      ClaimWaiters waiters,
      TokenSealer sealer,
      OperationsFactory operations,
      CallerLimits callerLimits,
      Supplier<TaskDefinitions> tasks,
      InstantSource clock,
      Duration recheck,
      ServiceObserver observer) {
    this.store = new StoreLoad(kept);
    this.hub = hub;
    this.listWatchHub = listWatchHub;
    this.waiters = waiters;
    this.timer = new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-timer"));
    timer.setRemoveOnCancelPolicy(true);
    this.accessInterceptor = new AccessInterceptor(authenticator, policy);
    this.calls = new OpenCalls(policy);
    this.audit = new AuditInterceptor(policy);
    this.limits = new LimitInterceptor(callerLimits, policy, store, clock, observer);
    JobAccess access = new JobAccess(store, rules, policy, clock);
    Reauthorization reauthorization = new Reauthorization(authenticator, recheck, timer);
    this.streams = new OpenStreams(reauthorization);
    AttemptTokens tokens = new AttemptTokens();
    Reports reports = new Reports(store, rules, policy, hub, observer);
    JobQuota quota = new JobQuota(store, callerLimits.tenantJobs(), clock, observer);
    Pages pages = new Pages(sealer);
    JobQueries queries = new JobQueries(store, access, pages);
    TaskViews taskViews = new TaskViews(access, queries, pages);
    Watches watches = new Watches(access, taskViews, hub, listWatchHub, pages, reauthorization);
    JobWaits waits = new JobWaits(access, hub, timer, reauthorization);
    this.jobService =
        new JobService(
            access,
            new JobCreation(store, rules, access, tokens, quota),
            new BatchCreation(store, rules, access, quota, callerLimits.childItems()),
            queries,
            watches,
            waits,
            new BulkChanges(new SlicedChange(store, access, rules, SWEEP), access, pages, clock),
            new ItemRetries(store, rules, access, quota),
            streams);
    this.taskService =
        new TaskService(
            tasks, new TaskStarts(tasks, store, rules, access, quota), taskViews, watches, access);
    this.adminService = new AdminService(store, streams);
    this.operationService = operations.create(access, queries, waits, pages);
    this.workerService =
        new WorkerService(
            new JobClaims(store, rules, policy, reports, waiters, tokens, timer, observer),
            reports,
            streams,
            reauthorization);
    this.health =
        new ServerHealth(
            store,
            nameOf(jobService),
            nameOf(workerService),
            nameOf(taskService),
            nameOf(adminService),
            nameOf(operationService));
  }

  private static String nameOf(BindableService service) {
    return service.bindService().getServiceDescriptor().getName();
  }

  /**
   * Adds the services and interceptors to a server, and makes it answer on the threads of its
   * transport.
   */
  public void addTo(ServerBuilder<?> server) {
    server
        .directExecutor()
        .addService(jobService)
        .addService(workerService)
        .addService(taskService)
        .addService(adminService)
        .addService(operationService)
        .addService(health.service())
        .addService(ProtoReflectionServiceV1.newInstance())
        // The last one added is the first one passed.
        .intercept(limits)
        .intercept(accessInterceptor)
        .intercept(audit)
        .intercept(calls)
        .intercept(requestIds);
  }

  /** Changes that callers have asked for and that the store has not answered yet. */
  public int waitingChanges() {
    return store.waiting();
  }

  /** Says by the health service that calls are welcome, until the store fails for good. */
  public void serving() {
    health.begin();
  }

  /** Says by the health service that no more calls are welcome. */
  public void notServing() {
    health.end();
  }

  /** Whether calls are welcome: what the health service says. */
  public boolean isServing() {
    return health.isServing();
  }

  /** Waits until no call is under way, or for so long. */
  public void awaitCalls(Duration most) throws InterruptedException {
    calls.awaitNone(most);
  }

  /** Ends those calls that would not end by themselves: streams and waits. */
  public void drain() {
    waiters.close();
    streams.close();
    hub.close();
    listWatchHub.close();
    health.close();
    timer.shutdown();
  }
}
