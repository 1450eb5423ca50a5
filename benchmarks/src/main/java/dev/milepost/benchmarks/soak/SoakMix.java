package dev.milepost.benchmarks.soak;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.CompleteJobResponse;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WorkerServiceGrpc;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A mix of calls: of twenty, two create a job, two claim and watch one, two complete one, one
 * lists, and thirteen report. The number of a call determines its kind.
 */
final class SoakMix implements AutoCloseable {
  private static final String USER = "user-0";
  private static final String ROLES = "OPERATOR,WORKER";
  private static final int TYPICAL = 64;
  private static final int CYCLE = 20;

  private static final CreateJobRequest CREATE =
      CreateJobRequest.newBuilder().setSpec(SampleMessages.createAndStart().getSpec()).build();
  private static final ClaimJobsRequest CLAIM =
      ClaimJobsRequest.newBuilder().setWorkerId("bench").setMaxJobs(1).build();
  private static final ListJobsRequest LIST =
      ListJobsRequest.newBuilder().setFilter(JobFilter.newBuilder().setUserId(USER)).build();

  private final List<Connection> connections;
  private final SoakJobs running = new SoakJobs();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicLong created = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();

  SoakMix(String address) {
    this.connections =
        List.of(new Connection(address, USER, ROLES), new Connection(address, USER, ROLES));
  }

  /** Creates jobs and claims some of them, so that each kind of call finds a job. */
  void begin() {
    for (int i = 0; i < 2 * TYPICAL; i++) {
      var unused = JobServiceGrpc.newBlockingStub(connection().channel()).createJob(CREATE);
      created.incrementAndGet();
    }
    for (int i = 0; i < TYPICAL; i++) {
      Connection connection = connection();
      take(connection, WorkerServiceGrpc.newBlockingStub(connection.channel()).claimJobs(CLAIM));
    }
  }

  /**
   * Sends the call with the given number.
   *
   * @return false if it was skipped because there are too few or too many running jobs
   */
  boolean send(long number, SoakCall call) {
    return switch ((int) (number % CYCLE)) {
      case 0, 10 -> create(call);
      case 3, 13 -> claim(call);
      case 7, 17 -> complete(call);
      case 5 -> list(call);
      default -> report(call);
    };
  }

  private boolean create(SoakCall call) {
    JobServiceGrpc.newStub(connection().channel())
        .createJob(
            CREATE,
            call.<CreateJobResponse>answer(
                response -> {
                  created.incrementAndGet();
                }));
    return true;
  }

  private boolean claim(SoakCall call) {
    if (running.size() > 2 * TYPICAL) {
      return false;
    }
    Connection connection = connection();
    WorkerServiceGrpc.newStub(connection.channel())
        .claimJobs(CLAIM, call.<ClaimJobsResponse>answer(response -> take(connection, response)));
    return true;
  }

  private void take(Connection connection, ClaimJobsResponse response) {
    response
        .getJobsList()
        .forEach(
            claimed -> {
              SoakJob job = new SoakJob(connection, claimed);
              JobServiceGrpc.newStub(connection.channel())
                  .watchJob(
                      WatchJobRequest.newBuilder().setJobId(job.id()).build(), running.watch());
              running.add(job);
            });
  }

  private boolean complete(SoakCall call) {
    SoakJob job = running.size() < TYPICAL / 2 ? null : running.poll();
    if (job == null) {
      return false;
    }
    WorkerServiceGrpc.newStub(job.connection().channel())
        .completeJob(
            CompleteJobRequest.newBuilder().setJobId(job.id()).setAttemptToken(job.token()).build(),
            call.<CompleteJobResponse>answer(
                response -> {
                  completed.incrementAndGet();
                  running.ended();
                }));
    return true;
  }

  private boolean list(SoakCall call) {
    JobServiceGrpc.newStub(connection().channel())
        .listJobs(LIST, call.<ListJobsResponse>answer(page -> {}));
    return true;
  }

  private boolean report(SoakCall call) {
    SoakJob job = running.poll();
    if (job == null) {
      return false;
    }
    job.report(call, () -> running.release(job));
    return true;
  }

  private Connection connection() {
    return connections.get(Math.floorMod(next.getAndIncrement(), connections.size()));
  }

  /** Fails if the store or a watcher does not match what was acknowledged. */
  void check() throws InterruptedException {
    running.check(completed.get());
    new SoakCheck(connections.get(0)).counts(created.get(), completed.get(), running.size());
  }

  @Override
  public void close() {
    running.close();
    connections.forEach(Connection::close);
  }
}
