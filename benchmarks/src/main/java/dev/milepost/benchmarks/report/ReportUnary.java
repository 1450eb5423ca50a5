package dev.milepost.benchmarks.report;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.Calls;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.WorkerServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Running jobs that report progress by unary calls, one at a time each. */
final class ReportUnary implements Variant {
  private final ServerProcess server;
  private final List<Connection> connections;
  private final List<RunningJob> jobs = new ArrayList<>();

  /** Takes ownership of the server. */
  ReportUnary(ServerProcess server, int count) {
    this.server = server;
    this.connections = Connection.some(server.address());
    for (int i = 0; i < count; i++) {
      Connection connection = connections.get(i % connections.size());
      CreateJobResponse started =
          JobServiceGrpc.newBlockingStub(connection.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .createJob(SampleMessages.createAndStart());
      jobs.add(new RunningJob(connection, started));
    }
  }

  @Override
  public String name() {
    return "report-unary";
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return ClosedLoop.run(
        jobs.size(), length, (slot, operation) -> jobs.get(slot).report(operation));
  }

  /** Fails if the store does not hold the last report of each job. */
  void check() {
    for (RunningJob job : jobs) {
      long stored =
          job.callers
              .getJob(GetJobRequest.newBuilder().setJobId(job.id).build())
              .getJob()
              .getStatus()
              .getProgress()
              .getCurrent();
      if (stored != job.sent) {
        throw new IllegalStateException(
            "the store holds report %d of %s, but %d were acknowledged"
                .formatted(stored, job.id, job.sent));
      }
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }

  private static final class RunningJob {
    private final WorkerServiceGrpc.WorkerServiceStub work;
    private final JobServiceGrpc.JobServiceBlockingStub callers;
    private final String id;
    private final String token;
    private long sent;

    RunningJob(Connection connection, CreateJobResponse started) {
      this.work = WorkerServiceGrpc.newStub(connection.channel());
      this.callers = JobServiceGrpc.newBlockingStub(connection.channel());
      this.id = started.getJob().getId();
      this.token = started.getGrant().getAttemptToken();
    }

    void report(ClosedLoop.Operation operation) {
      work.report(
          ReportRequest.newBuilder()
              .setJobId(id)
              .setAttemptToken(token)
              .setReport(SampleMessages.progress(++sent))
              .build(),
          Calls.completing(operation));
    }
  }
}
