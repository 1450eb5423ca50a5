package dev.milepost.benchmarks.load;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Fills a store through a server's API, with many concurrent calls. */
public final class StoreFiller implements AutoCloseable {
  private static final int IN_FLIGHT = 512;
  private static final int PAGE = 1_000;
  private static final long CALL_TIMEOUT_SECONDS = 60;

  private final List<Connection> connections;
  private final List<JobServiceGrpc.JobServiceStub> stubs;
  private final Semaphore slots = new Semaphore(IN_FLIGHT);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** Connects to a server. */
  public StoreFiller(String address) {
    this.connections =
        List.of(
            new Connection(address, "filler", "OPERATOR"),
            new Connection(address, "filler", "OPERATOR"));
    this.stubs = connections.stream().map(each -> JobServiceGrpc.newStub(each.channel())).toList();
  }

  /** Creates jobs. Fails if the store then holds another number. */
  public void create(int jobs) throws InterruptedException {
    for (int i = 0; i < jobs; i++) {
      acquireSlot();
      stubs.get(i % stubs.size()).createJob(FilledJobs.create(i, jobs), new Answer<>());
    }
    awaitAll();
    long stored = blocking().countJobs(CountJobsRequest.getDefaultInstance()).getTotal();
    if (stored != jobs) {
      throw new IllegalStateException("the store holds " + stored + " jobs instead of " + jobs);
    }
  }

  /** Cancels two of three waiting jobs. */
  public void cancelTwoOfThree() throws InterruptedException {
    String token = "";
    long index = 0;
    do {
      ListJobsResponse page =
          blocking()
              .listJobs(
                  ListJobsRequest.newBuilder()
                      .setOrderBy("create_time asc")
                      .setPageSize(PAGE)
                      .setPageToken(token)
                      .build());
      for (Job job : page.getJobsList()) {
        if (index++ % 3 != 0) {
          acquireSlot();
          stubs
              .get((int) (index % stubs.size()))
              .cancelJob(
                  CancelJobRequest.newBuilder().setJobId(job.getId()).build(), new Answer<>());
        }
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    awaitAll();
  }

  private JobServiceGrpc.JobServiceBlockingStub blocking() {
    return JobServiceGrpc.newBlockingStub(connections.get(0).channel())
        .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private void acquireSlot() throws InterruptedException {
    take(1);
  }

  private void awaitAll() throws InterruptedException {
    take(IN_FLIGHT);
    slots.release(IN_FLIGHT);
  }

  private void take(int places) throws InterruptedException {
    boolean taken = slots.tryAcquire(places, CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    Throwable failed = failure.get();
    if (failed != null || !taken) {
      throw new IllegalStateException(
          "the store could not be filled: " + (failed == null ? "no response" : failed), failed);
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }

  private final class Answer<A> implements StreamObserver<A> {
    @Override
    public void onNext(A answer) {}

    @Override
    public void onError(Throwable reason) {
      failure.compareAndSet(null, reason);
      slots.release();
    }

    @Override
    public void onCompleted() {
      slots.release();
    }
  }
}
