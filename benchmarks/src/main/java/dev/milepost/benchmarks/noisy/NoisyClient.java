package dev.milepost.benchmarks.noisy;

import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.load.OpenLoop;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.JobServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that exceeds its rate limit and ignores rejections. It reads and creates alternately, on
 * several connections, so that it affects all threads of the server.
 */
final class NoisyClient implements AutoCloseable {
  static final String USER = "noisy";

  private static final long CALL_TIMEOUT_SECONDS = 20;
  private static final int MAX_IN_FLIGHT = 256;

  private final List<Connection> connections = new ArrayList<>();
  private final List<JobServiceGrpc.JobServiceStub> stubs = new ArrayList<>();
  private final String jobId;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  NoisyClient(String address, int connectionCount) {
    for (int i = 0; i < connectionCount; i++) {
      Connection connection = new Connection(address, USER);
      connections.add(connection);
      stubs.add(JobServiceGrpc.newStub(connection.channel()));
      // Also opens the connection.
      JobServiceGrpc.newBlockingStub(connection.channel())
          .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
          .createJob(CreateJobRequest.newBuilder().setSpec(WellBehavedClient.spec()).build());
    }
    this.jobId =
        JobServiceGrpc.newBlockingStub(connections.get(0).channel())
            .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .createJob(CreateJobRequest.newBuilder().setSpec(WellBehavedClient.spec()).build())
            .getJob()
            .getId();
  }

  /** The outcomes of the calls after the lead-in. */
  static final class Tally {
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();

    /** Not sent, because too many calls were in flight. */
    final AtomicInteger heldBack = new AtomicInteger();
  }

  /** Sends at a fixed rate and waits for the last response. */
  Tally run(long startNanos, long leadNanos, long durationNanos, double perSecond)
      throws InterruptedException {
    Tally tally = new Tally();
    Tally lead = new Tally();
    OpenLoop loop = new OpenLoop(System::nanoTime, LockSupport::parkNanos);
    loop.run(
        startNanos,
        leadNanos + durationNanos,
        perSecond,
        (i, intended) -> send(i, intended - startNanos < leadNanos ? lead : tally));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2 * CALL_TIMEOUT_SECONDS);
    while (inFlight.get() > 0 && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException(
          "the noisy client received an unexpected error: " + failed, failed);
    }
    return tally;
  }

  private void send(long index, Tally tally) {
    if (inFlight.get() >= MAX_IN_FLIGHT) {
      tally.heldBack.incrementAndGet();
      return;
    }
    inFlight.incrementAndGet();
    // Each connection carries reads and creates.
    JobServiceGrpc.JobServiceStub stub =
        stubs
            .get((int) (index / 2 % stubs.size()))
            .withDeadlineAfter(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (index % 2 == 0) {
      stub.getJob(GetJobRequest.newBuilder().setJobId(jobId).build(), new Answer<>(tally));
    } else {
      stub.createJob(
          CreateJobRequest.newBuilder().setSpec(WellBehavedClient.spec()).build(),
          new Answer<>(tally));
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }

  private final class Answer<A> implements StreamObserver<A> {
    private final Tally tally;

    Answer(Tally tally) {
      this.tally = tally;
    }

    @Override
    public void onNext(A answer) {}

    @Override
    public void onError(Throwable error) {
      if (Status.fromThrowable(error).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
        tally.refused.incrementAndGet();
      } else {
        failure.compareAndSet(null, error);
      }
      inFlight.decrementAndGet();
    }

    @Override
    public void onCompleted() {
      tally.accepted.incrementAndGet();
      inFlight.decrementAndGet();
    }
  }
}
