package dev.milepost.benchmarks.http;

import dev.milepost.benchmarks.figures.Figure;
import dev.milepost.benchmarks.figures.Goal;
import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.harness.BenchOptions;
import dev.milepost.benchmarks.harness.Servers;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.OpenLoop;
import dev.milepost.benchmarks.load.SampleMessages;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ReportRequest;
import dev.milepost.v1.ReportResponse;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;

/**
 * Measures what pages that are open on a list cost a worker whose job is in it: the p99 of its
 * reports with the pages and without, in turns.
 */
final class HotList implements AutoCloseable {
  /** A worker sends a report of a watched job so often. */
  private static final double REPORTS_PER_SECOND = 10;

  /** Workers, each with a job in the list, so that a phase has enough reports for a p99. */
  private static final int JOBS = 10;

  private static final double MAX_RATIO = 1.1;
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final ServerProcess server;
  private final Connection connection;
  private final List<ReportRequest> jobs = new ArrayList<>();
  private final long[] sent = new long[JOBS];

  private HotList(BenchOptions options) throws IOException, InterruptedException {
    server = Servers.milepost(options);
    connection = new Connection(server.address(), "worker");
    for (int i = 0; i < JOBS; i++) {
      CreateJobResponse started =
          JobServiceGrpc.newBlockingStub(connection.channel())
              .createJob(
                  SampleMessages.createAndStart().toBuilder()
                      .setSpec(
                          SampleMessages.createAndStart().getSpec().toBuilder()
                              .setType("hot")
                              .setDisplayName("Hot job " + i))
                      .build());
      jobs.add(
          ReportRequest.newBuilder()
              .setJobId(started.getJob().getId())
              .setAttemptToken(started.getGrant().getAttemptToken())
              .build());
    }
  }

  static List<Figure> measure(BenchOptions options, int pages, PrintStream progress)
      throws IOException, InterruptedException {
    try (HotList list = new HotList(options)) {
      list.phase(options.quick() ? options.phase() : options.warmUp());
      List<Double> without = new ArrayList<>();
      List<Double> with = new ArrayList<>();
      for (int i = 0; i < options.phases(); i++) {
        without.add(list.phase(options.phase()));
        try (OpenPages open = new OpenPages(URI.create(list.server.http()))) {
          open.open(pages);
          long before = open.received();
          with.add(list.phase(options.phase()));
          progress.printf(
              Locale.ROOT,
              "p99 of a report: %.2f ms without pages, %.2f ms with %d, which got %.1f MB%n",
              without.get(i),
              with.get(i),
              pages,
              (open.received() - before) / 1e6);
        }
      }
      return List.of(
          new Figure(
              "http.hot-list.p99", median(with), "ms", median(without), Goal.atMost(MAX_RATIO)));
    }
  }

  private static double median(List<Double> values) {
    return Statistics.median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Returns the p99 of the reports of some time, in milliseconds. */
  private double phase(Duration length) throws InterruptedException {
    ConcurrentHistogram latencies = new ConcurrentHistogram(MAX_NANOS, 3);
    Semaphore done = new Semaphore(0);
    WorkerServiceGrpc.WorkerServiceStub work = WorkerServiceGrpc.newStub(connection.channel());
    long reports =
        new OpenLoop(System::nanoTime, LockSupport::parkNanos)
            .run(
                System.nanoTime(),
                length.toNanos(),
                REPORTS_PER_SECOND * JOBS,
                (index, intended) -> {
                  int job = (int) (index % JOBS);
                  work.report(
                      jobs.get(job).toBuilder()
                          .setReport(SampleMessages.progress(++sent[job]))
                          .build(),
                      new Timing(intended, latencies, done));
                });
    if (!done.tryAcquire(Math.toIntExact(reports), MAX_NANOS, TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException("reports were not acknowledged in time");
    }
    return latencies.getValueAtPercentile(99) / 1e6;
  }

  @Override
  public void close() {
    connection.close();
    server.close();
  }

  /** Takes the time of one report, from when it was to be sent. */
  private record Timing(long intended, ConcurrentHistogram latencies, Semaphore done)
      implements StreamObserver<ReportResponse> {
    @Override
    public void onNext(ReportResponse response) {
      latencies.recordValue(Math.min(MAX_NANOS, System.nanoTime() - intended));
    }

    @Override
    public void onError(@Nullable Throwable failure) {
      throw new IllegalStateException("a report was refused", failure);
    }

    @Override
    public void onCompleted() {
      done.release();
    }
  }
}
