package dev.milepost.benchmarks.noisy;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.OpenLoop;
import dev.milepost.v1.AttemptGrant;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The client whose latency is measured. Of four calls, two read a job, one creates one and one
 * reports. Each must succeed.
 */
final class WellBehavedClient implements AutoCloseable {
  static final String USER = "quiet";

  private static final long CALL_TIMEOUT_SECONDS = 20;
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Connection connection;
  private final JobServiceGrpc.JobServiceStub jobs;
  private final WorkerServiceGrpc.WorkerServiceStub work;
  private final String jobId;
  private final AttemptGrant grant;
  private final AtomicLong created = new AtomicLong(1);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private long reportSeq;

  WellBehavedClient(String address) {
    this.connection = new Connection(address, USER);
    this.jobs = JobServiceGrpc.newStub(connection.channel());
    this.work = WorkerServiceGrpc.newStub(connection.channel());
    CreateJobResponse first =
        JobServiceGrpc.newBlockingStub(connection.channel())
            .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .createJob(
                CreateJobRequest.newBuilder()
                    .setSpec(spec())
                    .setStart(StartJob.newBuilder().setWorkerId("bench"))
                    .build());
    this.jobId = first.getJob().getId();
    this.grant = first.getGrant();
  }

  static JobSpec spec() {
    return JobSpec.newBuilder().setType("bench").build();
  }

  /** Latencies of one phase, in nanoseconds. */
  static final class Latencies {
    /** From the intended send time. */
    final Histogram intended = new ConcurrentHistogram(MAX_NANOS, 3);

    /** From the actual send time: the difference is the delay of this process. */
    final Histogram sent = new ConcurrentHistogram(MAX_NANOS, 3);
  }

  /** Sends at a fixed rate and waits for the last response. Does not record the lead-in. */
  Latencies run(long startNanos, long leadNanos, long durationNanos, double perSecond)
      throws InterruptedException {
    Latencies latencies = new Latencies();
    Phaser open = new Phaser(1);
    OpenLoop loop = new OpenLoop(System::nanoTime, LockSupport::parkNanos);
    loop.run(
        startNanos,
        leadNanos + durationNanos,
        perSecond,
        (i, intended) ->
            send(i, intended, open, intended - startNanos < leadNanos ? null : latencies));
    try {
      open.awaitAdvanceInterruptibly(open.arrive(), 2 * CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("calls were not answered in time", e);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException(
          "a call of the well-behaved client failed, so nothing was measured: " + failed, failed);
    }
    return latencies;
  }

  private void send(long index, long intended, Phaser open, @Nullable Latencies latencies) {
    open.register();
    long sent = System.nanoTime();
    switch ((int) (index % 4)) {
      case 0, 2 ->
          jobs.withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .getJob(
                  GetJobRequest.newBuilder().setJobId(jobId).build(),
                  new Answer<>(intended, sent, open, latencies));
      case 1 ->
          jobs.withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .createJob(
                  CreateJobRequest.newBuilder().setSpec(spec()).build(),
                  new Answer<>(intended, sent, open, latencies));
      default ->
          work.withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .report(nextReport(), new Answer<>(intended, sent, open, latencies));
    }
  }

  private ReportRequest nextReport() {
    reportSeq++;
    return ReportRequest.newBuilder()
        .setJobId(jobId)
        .setAttemptToken(grant.getAttemptToken())
        .setReport(
            Report.newBuilder()
                .setReportSeq(reportSeq)
                .setProgress(Progress.newBuilder().setCurrent(reportSeq)))
        .build();
  }

  /** Returns the number of acknowledged jobs. */
  long created() {
    return created.get();
  }

  /** Returns the number of stored jobs. */
  long stored() {
    return JobServiceGrpc.newBlockingStub(connection.channel())
        .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .countJobs(
            CountJobsRequest.newBuilder().setFilter(JobFilter.newBuilder().setUserId(USER)).build())
        .getTotal();
  }

  @Override
  public void close() {
    connection.close();
  }

  private final class Answer<A> implements StreamObserver<A> {
    private final long intended;
    private final long sent;
    private final Phaser open;
    private final @Nullable Latencies latencies;

    Answer(long intended, long sent, Phaser open, @Nullable Latencies latencies) {
      this.intended = intended;
      this.sent = sent;
      this.open = open;
      this.latencies = latencies;
    }

    @Override
    public void onNext(A answer) {
      if (answer instanceof CreateJobResponse) {
        created.incrementAndGet();
      }
    }

    @Override
    public void onError(Throwable error) {
      failure.compareAndSet(null, error);
      open.arriveAndDeregister();
    }

    @Override
    public void onCompleted() {
      if (latencies != null) {
        long now = System.nanoTime();
        latencies.intended.recordValue(Math.min(now - intended, MAX_NANOS));
        latencies.sent.recordValue(Math.min(now - sent, MAX_NANOS));
      }
      open.arriveAndDeregister();
    }
  }
}
