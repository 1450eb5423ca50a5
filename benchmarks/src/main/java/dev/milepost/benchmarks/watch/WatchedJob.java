package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.JournalOrder;
import dev.milepost.benchmarks.load.OpenEndedObserver;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A job that is reported on one connection and watched on another one. A report counts as seen when
 * it or a later one arrives. Thread-safe.
 */
final class WatchedJob {
  private final String id;
  private final String token;
  private final JobServiceGrpc.JobServiceBlockingStub reader;
  private final StreamObserver<ReportStreamRequest> out;
  private final JournalOrder journal = new JournalOrder(0);
  private final LongConsumer latencies;
  private final Consumer<Throwable> failures;

  /** Intended send times of the reports that were not seen yet. Guarded by this. */
  private final Deque<Long> unseen = new ArrayDeque<>();

  private long sent;
  private long acknowledged;
  private long seen;

  /**
   * Creates the job and watches it.
   *
   * @param latencies receives, for each report, the nanoseconds from its intended send time until
   *     it was seen
   */
  WatchedJob(
      Connection reporter,
      Connection watcher,
      LongConsumer latencies,
      Consumer<Throwable> failures) {
    this.latencies = latencies;
    this.failures = failures;
    this.reader = JobServiceGrpc.newBlockingStub(reporter.channel());
    CreateJobResponse started =
        reader.withDeadlineAfter(60, TimeUnit.SECONDS).createJob(SampleMessages.createAndStart());
    this.id = started.getJob().getId();
    this.token = started.getGrant().getAttemptToken();
    this.out =
        WorkerServiceGrpc.newStub(reporter.channel())
            .reportStream(new OpenEndedObserver<ReportStreamResponse>(this::acknowledge, failures));
    JobServiceGrpc.newStub(watcher.channel())
        .watchJob(
            WatchJobRequest.newBuilder().setJobId(id).build(),
            new OpenEndedObserver<WatchJobResponse>(this::see, failures));
  }

  void report(long intendedNanos) {
    long seq;
    synchronized (this) {
      seq = ++sent;
      unseen.addLast(intendedNanos);
    }
    out.onNext(SampleMessages.report(id, token, seq));
  }

  private synchronized void acknowledge(ReportStreamResponse response) {
    if (!response.hasAck() || response.getReportSeq() != acknowledged + 1) {
      failures.accept(new IllegalStateException("unexpected acknowledgement: " + response));
    }
    acknowledged++;
  }

  private synchronized void see(WatchJobResponse step) {
    long now = System.nanoTime();
    journal.take(step);
    JobStatus status = step.hasJob() ? step.getJob().getStatus() : step.getStatus();
    while (seen < status.getProgress().getCurrent()) {
      latencies.accept(now - unseen.removeFirst());
      seen++;
    }
  }

  /** Whether all reports were acknowledged and seen. */
  synchronized boolean isIdle() {
    return sent == acknowledged && sent == seen;
  }

  /** Fails if the store or the watcher lacks a report. */
  synchronized void check() {
    JobStatus status =
        reader
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .getJob(GetJobRequest.newBuilder().setJobId(id).build())
            .getJob()
            .getStatus();
    if (!isIdle() || status.getProgress().getCurrent() != sent) {
      throw new IllegalStateException(
          "of %d reports on %s, %d were acknowledged and %d seen; the store holds number %d"
              .formatted(sent, id, acknowledged, seen, status.getProgress().getCurrent()));
    }
    journal.checkWhole(status.getJournalSequence());
  }
}
