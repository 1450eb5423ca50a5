package dev.milepost.benchmarks.stored;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.Calls;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.FilledJobs;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.AttemptGrant;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.WorkerServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Claims a job, completes it and creates another one in a cycle, so that the backlog stays the
 * same.
 */
final class ClaimCycles implements Variant {
  private static final ClaimJobsRequest CLAIM =
      ClaimJobsRequest.newBuilder().setWorkerId("bench").setMaxJobs(1).build();

  private final String name;
  private final ServerProcess server;
  private final int backlog;
  private final int inFlight;
  private final List<Connection> connections;
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicLong claimed = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong created = new AtomicLong();

  /**
   * Takes ownership of the server.
   *
   * @param backlog number of waiting jobs in its store
   */
  ClaimCycles(String name, ServerProcess server, int backlog, int inFlight) {
    this.name = name;
    this.server = server;
    this.backlog = backlog;
    this.inFlight = inFlight;
    this.connections =
        List.of(
            new Connection(server.address(), "worker-0", "OPERATOR,WORKER"),
            new Connection(server.address(), "worker-1", "OPERATOR,WORKER"));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return ClosedLoop.run(
        inFlight,
        length,
        (slot, operation) ->
            new Cycle(connections.get(slot % connections.size()), operation).claim());
  }

  /**
   * Fails if the store does not match what was acknowledged. A job that was claimed twice would
   * show as fewer succeeded jobs than completions.
   */
  void check() {
    require(JobState.JOB_STATE_SUCCEEDED, completed.get());
    require(JobState.JOB_STATE_RUNNING, claimed.get() - completed.get());
    require(JobState.JOB_STATE_QUEUED, backlog + created.get() - claimed.get());
  }

  private void require(JobState state, long expected) {
    long stored =
        JobServiceGrpc.newBlockingStub(connections.get(0).channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .countJobs(CountJobsRequest.newBuilder().addGroupBy(JobGroup.JOB_GROUP_STATE).build())
            .getCountsList()
            .stream()
            .filter(count -> count.getState() == state)
            .mapToLong(JobCount::getCount)
            .sum();
    if (stored != expected) {
      throw new IllegalStateException(
          "%s: the store holds %d jobs in state %s instead of %d"
              .formatted(name, stored, state, expected));
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }

  /** One cycle. */
  private final class Cycle {
    private final JobServiceGrpc.JobServiceStub jobs;
    private final WorkerServiceGrpc.WorkerServiceStub work;
    private final ClosedLoop.Operation operation;

    Cycle(Connection connection, ClosedLoop.Operation operation) {
      this.jobs = JobServiceGrpc.newStub(connection.channel());
      this.work = WorkerServiceGrpc.newStub(connection.channel());
      this.operation = operation;
    }

    void claim() {
      work.claimJobs(CLAIM, Calls.then(operation, this::complete));
    }

    private void complete(ClaimJobsResponse response) {
      if (response.getJobsCount() != 1) {
        operation.failed(
            new IllegalStateException("a claim returned " + response.getJobsCount() + " jobs"));
        return;
      }
      AttemptGrant grant = response.getJobs(0).getGrant();
      if (grant.getAttempt() != 1) {
        operation.failed(new IllegalStateException("a job was claimed twice: " + response));
        return;
      }
      claimed.incrementAndGet();
      Consumer<Object> create = completion -> create();
      work.completeJob(
          CompleteJobRequest.newBuilder()
              .setJobId(response.getJobs(0).getJob().getId())
              .setAttemptToken(grant.getAttemptToken())
              .build(),
          Calls.then(operation, create));
    }

    private void create() {
      completed.incrementAndGet();
      jobs.createJob(
          FilledJobs.create(started.getAndIncrement(), backlog),
          Calls.completing(operation, created::incrementAndGet));
    }
  }
}
