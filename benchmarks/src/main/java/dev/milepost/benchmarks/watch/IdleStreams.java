package dev.milepost.benchmarks.watch;

import dev.milepost.benchmarks.figures.Statistics;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.Footprint;
import dev.milepost.benchmarks.process.ServerProcess;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Idle streams, and the server memory that they take. */
final class IdleStreams implements AutoCloseable {
  private static final int PER_CONNECTION = 500;
  private static final long FIRST_MESSAGE_TIMEOUT_SECONDS = 60;

  private final ServerProcess server;
  private final Opening opening;
  private final Footprint footprint;
  private final int samples;
  private final List<Connection> connections = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private int open;

  /**
   * Does not close the server.
   *
   * @param samples number of heap readings, of which the median counts
   */
  IdleStreams(ServerProcess server, Opening opening, int samples) {
    this.samples = samples;
    this.server = server;
    this.opening = opening;
    this.footprint = new Footprint(server.pid());
  }

  /** Opens one of the streams. */
  interface Opening {
    void open(Connection connection, int index, StreamObserver<WatchJobResponse> out);
  }

  /**
   * The memory of one stream.
   *
   * @param heap live bytes
   * @param resident resident bytes of the process
   */
  record Cost(double heap, double resident) {}

  /** Returns the memory per stream when their number grows from {@code few} to {@code many}. */
  Cost between(int few, int many) throws IOException, InterruptedException {
    openUpTo(few);
    Cost before = now();
    openUpTo(many);
    Cost after = now();
    return new Cost(
        (after.heap - before.heap) / (many - few),
        (after.resident - before.resident) / (many - few));
  }

  private void openUpTo(int count) throws InterruptedException {
    CountDownLatch first = new CountDownLatch(count - open);
    for (; open < count; open++) {
      if (open / PER_CONNECTION == connections.size()) {
        connections.add(
            new Connection(server.address(), "watcher-" + connections.size(), "OPERATOR"));
      }
      opening.open(connections.get(open / PER_CONNECTION), open, new Listener(first));
    }
    if (!first.await(FIRST_MESSAGE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("streams received no first message in time");
    }
    requireAllOpen();
  }

  private Cost now() throws IOException, InterruptedException {
    double[] heaps = new double[samples];
    for (int i = 0; i < samples; i++) {
      heaps[i] = footprint.liveHeap();
    }
    requireAllOpen();
    return new Cost(Statistics.median(heaps), footprint.resident());
  }

  private void requireAllOpen() {
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a stream ended: " + failed, failed);
    }
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }

  private final class Listener implements StreamObserver<WatchJobResponse> {
    private final CountDownLatch first;
    private boolean received;

    Listener(CountDownLatch first) {
      this.first = first;
    }

    @Override
    public void onNext(WatchJobResponse message) {
      if (!received) {
        received = true;
        first.countDown();
      }
    }

    @Override
    public void onError(Throwable reason) {
      failure.compareAndSet(null, reason);
      first.countDown();
    }

    @Override
    public void onCompleted() {
      onError(new IllegalStateException("the server closed it"));
    }
  }
}
