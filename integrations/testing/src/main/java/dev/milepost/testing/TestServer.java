package dev.milepost.testing;

import com.google.inject.Inject;
import com.google.inject.Provider;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobClientBuilder;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobNotFoundException;
import dev.milepost.client.Role;
import dev.milepost.client.Worker;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.store.JobStore;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A real server in this process, with a store in memory that belongs to one test, on a {@link
 * TestClock}. Thread-safe.
 *
 * <pre>{@code
 * try (TestServer server = TestServer.start()) {
 *   JobHandle job = server.client().create(JobSpec.of("user-sync"));
 *   server.run(job, new UserSync());
 *   server.history(job).assertSucceeded();
 * }
 * }</pre>
 */
public final class TestServer implements AutoCloseable {
  /** User of clients for which a test names none. */
  public static final String DEFAULT_USER = "test";

  /** Tenant of clients for which a test names none. */
  public static final String DEFAULT_TENANT = "default";

  private static final Set<Role> DEFAULT_ROLES = EnumSet.of(Role.USER, Role.WORKER);
  private static final Duration RUN_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  /** How long to wait for a job's end before checking whether it waits for the clock. */
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(50);

  private final TestClock clock = new TestClock();
  private final LostAnswers answers = new LostAnswers();
  private final MilepostServer server;
  private final FaultProxy network;
  private final Faults faults;

  private final Map<Caller, JobClient> clients = new LinkedHashMap<>();

  /** Read the jobs of a tenant, on connections of their own, which no fault disturbs. */
  private final Map<String, JobClient> observers = new LinkedHashMap<>();

  private final List<Worker> workers = new ArrayList<>();

  /** Receives the store, of which the server's public methods show nothing. */
  private static final class Parts {
    @Inject
    @SuppressWarnings("NullAway.Init") // Injected before the server serves.
    private Provider<JobStore> store;
  }

  private TestServer(Map<String, ?> settings) {
    Parts parts = new Parts();
    this.server =
        MilepostServer.start(
            TestSettings.with(settings), clock, binder -> binder.requestInjection(parts));
    DueWork dueWork = new DueWork(parts.store.get());
    clock.onChange(dueWork::await);
    this.network = new FaultProxy(server.port());
    this.faults = new Faults(network, answers, this);
    observe(DEFAULT_TENANT);
  }

  /** Starts a server with default settings. */
  public static TestServer start() {
    return start(Map.of());
  }

  /**
   * Starts a server.
   *
   * @param settings settings of the server by path, such as {@code "milepost.jobs.lease"} to {@code
   *     "5s"}. Environment variables, system properties and files are not read
   * @throws IllegalArgumentException if a setting names a store or an address
   * @throws dev.milepost.server.settings.SettingsException if a setting is invalid or unknown
   */
  public static TestServer start(Map<String, ?> settings) {
    return new TestServer(settings);
  }

  /** Returns the address for clients, as "host:port". Faults apply to all connections to it. */
  public String target() {
    return "127.0.0.1:" + network.port();
  }

  /** Returns the server's clock. */
  public TestClock clock() {
    return clock;
  }

  /** Returns what can go wrong. */
  public Faults faults() {
    return faults;
  }

  /** Returns a client of the default user with the roles USER and WORKER; do not close it. */
  public JobClient client() {
    return client(DEFAULT_TENANT, DEFAULT_USER, DEFAULT_ROLES);
  }

  /**
   * Returns a client of a user of the default tenant; do not close it.
   *
   * @param roles none: USER and WORKER
   */
  public JobClient client(String user, Role... roles) {
    return client(DEFAULT_TENANT, user, roles.length == 0 ? DEFAULT_ROLES : Set.of(roles));
  }

  /**
   * Returns a client of a caller; do not close it. The same caller gets the same client.
   *
   * @param roles at least one
   */
  public synchronized JobClient client(String tenant, String user, Collection<Role> roles) {
    observe(tenant);
    return clients.computeIfAbsent(
        new Caller(tenant, user, Set.copyOf(roles)), caller -> builder(target(), caller).build());
  }

  private synchronized void observe(String tenant) {
    Caller operator = new Caller(tenant, DEFAULT_USER, EnumSet.of(Role.OPERATOR));
    observers.computeIfAbsent(
        tenant, any -> builder("127.0.0.1:" + server.port(), operator).build());
  }

  private JobClientBuilder builder(String target, Caller caller) {
    return JobClient.builder(target)
        .plaintext()
        .tenant(caller.tenant())
        .user(caller.user())
        .roles(caller.roles().toArray(Role[]::new))
        .channel(channel -> channel.intercept(answers));
  }

  /**
   * Starts a worker, which is closed with the server.
   *
   * @param type type of the jobs that it runs
   */
  public synchronized Worker work(String type, JobHandler handler) {
    Worker worker = client().worker().handler(type, handler).start();
    workers.add(worker);
    return worker;
  }

  /**
   * Runs a job to its end: a worker runs its attempts, and the time between them is skipped.
   *
   * @return the finished job, whatever its state
   * @throws AssertionError if the job has not finished within 30 s of real time
   */
  public Job run(JobHandle job, JobHandler handler) {
    JobClient observer = observerOf(job.id());
    Job before = observer.get(job.id());
    JobClient client = client(before.getTenantId(), DEFAULT_USER, DEFAULT_ROLES);
    Worker worker = client.worker().handler(before.getSpec().getType(), handler).start();
    try {
      return awaitEnd(job.id(), observer);
    } finally {
      worker.close(STOP_TIMEOUT);
    }
  }

  private Job awaitEnd(String jobId, JobClient observer) {
    long deadline = System.nanoTime() + RUN_TIMEOUT.toNanos();
    while (true) {
      Job job = observer.await(jobId, CHECK_INTERVAL);
      if (JobHistory.isFinal(job.getStatus().getState())) {
        return job;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "Job %s has not finished within %d s.%n%s"
                .formatted(jobId, RUN_TIMEOUT.toSeconds(), history(jobId)));
      }
      skipDelay(job);
    }
  }

  /** Lets the time pass until a queued job can be claimed. */
  private void skipDelay(Job job) {
    boolean waits =
        job.getStatus().getState() == JobState.JOB_STATE_QUEUED
            && job.getStatus().hasClaimableTime();
    if (waits) {
      Instant claimable = Protos.instant(job.getStatus().getClaimableTime());
      Duration delay = Duration.between(clock.instant(), claimable);
      if (!delay.isNegative()) {
        clock.advance(delay.plusMillis(1));
      }
    }
  }

  /** Reads a job and its journal, for assertions. */
  public JobHistory history(JobHandle job) {
    return history(job.id());
  }

  /** Reads a job and its journal, for assertions. */
  public JobHistory history(String jobId) {
    return JobHistory.read(observerOf(jobId), jobId);
  }

  /** Reads a job past all faults. */
  Job read(String jobId) {
    return observerOf(jobId).get(jobId);
  }

  /** Finds the client that sees a job. If jobs of several tenants have the id, the first one's. */
  private JobClient observerOf(String jobId) {
    List<JobClient> candidates;
    synchronized (this) {
      candidates = List.copyOf(observers.values());
    }
    return candidates.stream()
        .filter(client -> sees(client, jobId))
        .findFirst()
        .orElseThrow(() -> new JobNotFoundException("The test server has no job " + jobId + "."));
  }

  private static boolean sees(JobClient client, String jobId) {
    try {
      return client.get(jobId).getId().equals(jobId);
    } catch (JobNotFoundException e) {
      return false;
    }
  }

  /** Ends workers and clients, then the server. Its jobs are gone. */
  @Override
  public synchronized void close() {
    network.release();
    workers.forEach(worker -> worker.close(Duration.ZERO));
    clients.values().forEach(JobClient::close);
    observers.values().forEach(JobClient::close);
    network.close();
    server.close();
  }
}
