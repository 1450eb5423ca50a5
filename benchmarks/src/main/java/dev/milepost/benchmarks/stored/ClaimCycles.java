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
 * Claims a job, completes it and creates another, over and over: the backlog stays as long as it
 * was.
 */
final class ClaimCycles implements Variant {
  private static final ClaimJobsRequest CLAIM =
      ClaimJobsRequest.newBuilder().setWorkerId("bench").setMaxJobs(1).build();

  private final String name;
  private final ServerProcess server;
  private final int backlog;
  private final int inFlight;
  private final List<Connection> connections;
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicLong claimed = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong created = new AtomicLong();

  /**
   * Takes the server over.
   *
   * @param backlog jobs that wait in its store
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
        (slot, turn) -> new Cycle(connections.get(slot % connections.size()), turn).claim());
  }

  /**
   * Fails where what the store holds is not what was acknowledged. Every job has one state: had one
   * been claimed twice, there would be fewer that succeeded than completions.
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
          "%s: the store holds %d jobs that are %s, and there should be %d"
              .formatted(name, stored, state, expected));
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }

  /** One time round. */
  private final class Cycle {
    private final JobServiceGrpc.JobServiceStub jobs;
    private final WorkerServiceGrpc.WorkerServiceStub work;
    private final ClosedLoop.Turn turn;

    Cycle(Connection connection, ClosedLoop.Turn turn) {
      this.jobs = JobServiceGrpc.newStub(connection.channel());
      this.work = WorkerServiceGrpc.newStub(connection.channel());
      this.turn = turn;
    }

    void claim() {
      work.claimJobs(CLAIM, Calls.then(turn, this::complete));
    }

    private void complete(ClaimJobsResponse response) {
      if (response.getJobsCount() != 1) {
        turn.failed(new IllegalStateException("a claim got " + response.getJobsCount() + " jobs"));
        return;
      }
      AttemptGrant grant = response.getJobs(0).getGrant();
      if (grant.getAttempt() != 1) {
        turn.failed(new IllegalStateException("a job was claimed twice: " + response));
        return;
      }
      claimed.incrementAndGet();
      Consumer<Object> create = completion -> create();
      work.completeJob(
          CompleteJobRequest.newBuilder()
              .setJobId(response.getJobs(0).getJob().getId())
              .setAttemptToken(grant.getAttemptToken())
              .build(),
          Calls.then(turn, create));
    }

    private void create() {
      completed.incrementAndGet();
      jobs.createJob(
          FilledJobs.create(begun.getAndIncrement(), backlog),
          Calls.ending(turn, created::incrementAndGet));
    }
  }
}
