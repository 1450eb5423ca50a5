package dev.milepost.benchmarks.report;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.load.StreamLoop;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Running jobs that report progress, each on its own stream. */
final class ReportStreams implements Variant {
  private final String name;
  private final ServerProcess server;
  private final int window;
  private final List<Connection> connections;
  private final List<RunningJob> jobs = new ArrayList<>();

  /**
   * Takes ownership of the server.
   *
   * @param window reports in flight of each job
   */
  ReportStreams(ServerProcess server, int count, int window) {
    this.name = "report-stream-" + window;
    this.server = server;
    this.window = window;
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
    return name;
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return StreamLoop.run(
        jobs.size(), window, length, (slot, answers) -> jobs.get(slot).open(answers));
  }

  /** Fails if the store does not hold the last report of each job. */
  void check() {
    for (RunningJob job : jobs) {
      long stored =
          JobServiceGrpc.newBlockingStub(job.connection.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .getJob(GetJobRequest.newBuilder().setJobId(job.id).build())
              .getJob()
              .getStatus()
              .getProgress()
              .getCurrent();
      if (stored != job.sent || job.acknowledged != job.sent) {
        throw new IllegalStateException(
            "the store holds report %d of %s; %d was acknowledged, %d sent"
                .formatted(stored, job.id, job.acknowledged, job.sent));
      }
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }

  /** One job. It opens a new stream for each phase, and its report numbers continue. */
  private static final class RunningJob implements StreamLoop.Stream<ReportStreamRequest> {
    private final Connection connection;
    private final String id;
    private final String token;
    private long sent;
    private long acknowledged;
    private @Nullable StreamObserver<ReportStreamRequest> out;

    RunningJob(Connection connection, CreateJobResponse started) {
      this.connection = connection;
      this.id = started.getJob().getId();
      this.token = started.getGrant().getAttemptToken();
    }

    StreamLoop.Stream<ReportStreamRequest> open(StreamLoop.Answers answers) {
      out =
          WorkerServiceGrpc.newStub(connection.channel())
              .reportStream(answers.<ReportStreamResponse>observer(this::acknowledge));
      return this;
    }

    private void acknowledge(ReportStreamResponse response) {
      if (!response.hasAck() || response.getReportSeq() != acknowledged + 1) {
        throw new IllegalStateException("unexpected acknowledgement: " + response);
      }
      acknowledged++;
    }

    @Override
    public void send() {
      stream().onNext(SampleMessages.report(id, token, ++sent));
    }

    @Override
    public void end() {
      stream().onCompleted();
    }

    private StreamObserver<ReportStreamRequest> stream() {
      return Objects.requireNonNull(out, "no stream is open");
    }
  }
}
