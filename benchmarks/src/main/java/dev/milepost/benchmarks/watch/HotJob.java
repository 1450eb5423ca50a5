package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.OpenEndedObserver;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A Milepost job with many watchers. Each report has progress and one log line. */
final class HotJob implements FanOutSource {
  /** More than a stream buffers: its window and one message. */
  private static final int BACKLOG_LINES = 200;

  private static final int BACKLOG_LINE_LENGTH = 4_000;

  private final ServerProcess server;
  private final Connection reporter;
  private final String id;
  private final String token;
  private final StreamObserver<ReportStreamRequest> out;
  private final long statesBefore;
  private long seq;
  private long lines;
  private volatile CompletableFuture<Void> acknowledged = new CompletableFuture<>();

  /** Does not close the server. */
  HotJob(ServerProcess server) {
    this.server = server;
    this.reporter = new Connection(server.address(), "user-0");
    CreateJobResponse started =
        JobServiceGrpc.newBlockingStub(reporter.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .createJob(SampleMessages.createAndStart());
    this.id = started.getJob().getId();
    this.token = started.getGrant().getAttemptToken();
    this.statesBefore = started.getJob().getStatus().getJournalSequence();
    this.out =
        WorkerServiceGrpc.newStub(reporter.channel())
            .reportStream(
                new OpenEndedObserver<ReportStreamResponse>(this::answered, this::failed));
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public long last() {
    return statesBefore + lines;
  }

  @Override
  public void listen(Connection connection, StreamObserver<WatchJobResponse> listener) {
    listenFrom(last(), connection, listener);
  }

  /** Watches the entries after a position. */
  void listenFrom(long after, Connection connection, StreamObserver<WatchJobResponse> listener) {
    JobServiceGrpc.newStub(connection.channel())
        .watchJob(
            WatchJobRequest.newBuilder().setJobId(id).setAfterSequence(after).build(), listener);
  }

  @Override
  public CompletableFuture<Void> send() {
    return send(
        SampleMessages.progress(seq + 1).toBuilder()
            .addLogs(line(LogLevel.LOG_LEVEL_INFO, "Synchronized user " + (seq + 1))));
  }

  /**
   * Starts the journal with more than a watcher that does not read can buffer. Its lines have
   * another level, so that later ones do not evict them.
   */
  void sendBacklog() throws Exception {
    Report.Builder report = SampleMessages.progress(seq + 1).toBuilder();
    for (int i = 0; i < BACKLOG_LINES; i++) {
      report.addLogs(line(LogLevel.LOG_LEVEL_DEBUG, "x".repeat(BACKLOG_LINE_LENGTH)));
    }
    send(report).get(60, TimeUnit.SECONDS);
  }

  private static LogEntry.Builder line(LogLevel level, String message) {
    return LogEntry.newBuilder().setLevel(level).setMessage(message);
  }

  private CompletableFuture<Void> send(Report.Builder report) {
    seq++;
    lines += report.getLogsCount();
    CompletableFuture<Void> awaited = new CompletableFuture<>();
    acknowledged = awaited;
    out.onNext(
        ReportStreamRequest.newBuilder()
            .setJobId(id)
            .setAttemptToken(token)
            .setReport(report)
            .build());
    return awaited;
  }

  private void answered(ReportStreamResponse response) {
    if (response.hasAck()) {
      acknowledged.complete(null);
    } else {
      failed(new IllegalStateException("a report was rejected: " + response));
    }
  }

  private void failed(Throwable reason) {
    acknowledged.completeExceptionally(reason);
  }

  /** Fails if the store does not hold all acknowledged entries. */
  void check() {
    long stored =
        JobServiceGrpc.newBlockingStub(reporter.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .getJob(GetJobRequest.newBuilder().setJobId(id).build())
            .getJob()
            .getStatus()
            .getJournalSequence();
    if (stored != last()) {
      throw new IllegalStateException(
          "the journal ends with entry %d, but %d were acknowledged".formatted(stored, last()));
    }
  }

  @Override
  public void close() {
    reporter.close();
  }
}
