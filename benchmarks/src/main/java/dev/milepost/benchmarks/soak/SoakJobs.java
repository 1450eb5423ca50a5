package dev.milepost.benchmarks.soak;

import dev.milepost.v1.JobState;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The jobs that run, each watched until it has ended. */
final class SoakJobs implements AutoCloseable {
  private static final long WATCHERS_SECONDS = 30;

  private final ConcurrentLinkedQueue<SoakJob> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong seenToTheEnd = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean closed;

  void add(SoakJob job) {
    size.incrementAndGet();
    idle.add(job);
  }

  /** One for which no call is under way; null where there is none. */
  @Nullable SoakJob poll() {
    return idle.poll();
  }

  void giveBack(SoakJob job) {
    idle.add(job);
  }

  /** One that was taken will not come back. */
  void ended() {
    size.decrementAndGet();
  }

  /** With those for which a call is under way. */
  int size() {
    return size.get();
  }

  /** Watches one of them. */
  StreamObserver<WatchJobResponse> watch() {
    return new Watcher();
  }

  /**
   * Fails where a report or an end has got lost. No call may be under way.
   *
   * @param ended jobs of which each has had a watcher
   */
  void check(long ended) throws InterruptedException {
    idle.forEach(SoakJob::check);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WATCHERS_SECONDS);
    while (seenToTheEnd.get() < ended && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a watch has failed: " + failed, failed);
    }
    if (seenToTheEnd.get() != ended) {
      throw new IllegalStateException(
          seenToTheEnd + " watchers saw the end of their job, and " + ended + " jobs have ended");
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private final class Watcher implements StreamObserver<WatchJobResponse> {
    private JobState last = JobState.JOB_STATE_UNSPECIFIED;

    @Override
    public void onNext(WatchJobResponse message) {
      if (message.hasStatus()) {
        last = message.getStatus().getState();
      } else if (message.hasJob()) {
        last = message.getJob().getStatus().getState();
      }
    }

    @Override
    public void onError(Throwable reason) {
      if (!closed) {
        failure.compareAndSet(null, reason);
      }
    }

    @Override
    public void onCompleted() {
      if (last == JobState.JOB_STATE_SUCCEEDED) {
        seenToTheEnd.incrementAndGet();
      } else {
        onError(new IllegalStateException("a watch ended with " + last));
      }
    }
  }
}
