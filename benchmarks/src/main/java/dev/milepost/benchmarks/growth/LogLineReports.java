package dev.milepost.benchmarks.growth;

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
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.WorkerServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Running jobs that keep many log lines and report one more with each unary call. */
final class LogLineReports implements Variant {
  private static final int LINES_AT_ONCE = 1_000;
  private static final long CALL_TIMEOUT_SECONDS = 60;

  private final ServerProcess server;
  private final int lines;
  private final List<Connection> connections;
  private final List<LoggedJob> jobs = new ArrayList<>();

  /**
   * Takes ownership of the server.
   *
   * @param lines that each job is filled with
   */
  LogLineReports(ServerProcess server, int count, int lines) {
    this.server = server;
    this.lines = lines;
    this.connections = Connection.some(server.address());
    for (int i = 0; i < count; i++) {
      jobs.add(new LoggedJob(connections.get(i % connections.size())));
    }
  }

  /** Writes the initial lines. */
  void fill() {
    jobs.forEach(LoggedJob::fill);
  }

  @Override
  public String name() {
    return "report-with-" + lines + "-lines";
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

  /** Fails if a job has not counted each acknowledged line. */
  void check() {
    jobs.forEach(LoggedJob::check);
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }

  /** One job with at most one report in flight. */
  private final class LoggedJob {
    private final Connection connection;
    private final String id;
    private final String token;
    private long reports;
    private long written;

    LoggedJob(Connection connection) {
      this.connection = connection;
      CreateJobResponse started = callers().createJob(SampleMessages.createAndStart());
      this.id = started.getJob().getId();
      this.token = started.getGrant().getAttemptToken();
    }

    private JobServiceGrpc.JobServiceBlockingStub callers() {
      return JobServiceGrpc.newBlockingStub(connection.channel())
          .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    void fill() {
      while (written < lines) {
        var unused =
            WorkerServiceGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .report(next((int) Math.min(LINES_AT_ONCE, lines - written)));
      }
    }

    void report(ClosedLoop.Operation operation) {
      WorkerServiceGrpc.newStub(connection.channel()).report(next(1), Calls.completing(operation));
    }

    private ReportRequest next(int count) {
      Report.Builder report = Report.newBuilder().setReportSeq(++reports);
      for (int i = 0; i < count; i++) {
        report.addLogs(
            LogEntry.newBuilder()
                .setLevel(LogLevel.LOG_LEVEL_INFO)
                .setMessage("user " + ++written + " is in sync"));
      }
      return ReportRequest.newBuilder()
          .setJobId(id)
          .setAttemptToken(token)
          .setReport(report)
          .build();
    }

    void check() {
      long counted =
          callers()
              .getJob(GetJobRequest.newBuilder().setJobId(id).build())
              .getJob()
              .getStatus()
              .getLogCounts()
              .getInfo();
      if (counted != written) {
        throw new IllegalStateException(
            "job %s has counted %d lines, but %d were acknowledged"
                .formatted(id, counted, written));
      }
    }
  }
}
