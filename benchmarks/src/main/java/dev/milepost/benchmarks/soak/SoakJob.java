package dev.milepost.benchmarks.soak;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.v1.ClaimedJob;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.ReportResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import java.util.concurrent.TimeUnit;

/** A claimed job, used by one thread at a time: the one that polled it from {@link SoakJobs}. */
final class SoakJob {
  private final Connection connection;
  private final String id;
  private final String token;
  private long sent;

  SoakJob(Connection connection, ClaimedJob claimed) {
    this.connection = connection;
    this.id = claimed.getJob().getId();
    this.token = claimed.getGrant().getAttemptToken();
  }

  Connection connection() {
    return connection;
  }

  String id() {
    return id;
  }

  String token() {
    return token;
  }

  void report(SoakCall call, Runnable acknowledged) {
    WorkerServiceGrpc.newStub(connection.channel())
        .report(
            ReportRequest.newBuilder()
                .setJobId(id)
                .setAttemptToken(token)
                .setReport(SampleMessages.progress(++sent))
                .build(),
            call.<ReportResponse>recorded(response -> acknowledged.run()));
  }

  /** Fails if the store does not hold its last report. */
  void check() {
    long stored =
        JobServiceGrpc.newBlockingStub(connection.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .getJob(GetJobRequest.newBuilder().setJobId(id).build())
            .getJob()
            .getStatus()
            .getProgress()
            .getCurrent();
    if (stored != sent) {
      throw new IllegalStateException(
          "the store holds report %d of %s, but %d were acknowledged".formatted(stored, id, sent));
    }
  }
}
