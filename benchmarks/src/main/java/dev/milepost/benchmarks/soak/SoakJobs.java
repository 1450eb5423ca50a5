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

/** The running jobs, each with a watcher until it ends. */
final class SoakJobs implements AutoCloseable {
  private static final long WATCHERS_TIMEOUT_SECONDS = 30;

  private final ConcurrentLinkedQueue<SoakJob> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong completedWatches = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean closed;

  void add(SoakJob job) {
    size.incrementAndGet();
    idle.add(job);
  }

  /** Removes and returns a job without a call in flight; null if there is none. */
  @Nullable SoakJob poll() {
    return idle.poll();
  }

  void release(SoakJob job) {
    idle.add(job);
  }

  /** Records that a polled job has ended. */
  void ended() {
    size.decrementAndGet();
  }

  /** Returns the number of running jobs, including polled ones. */
  int size() {
    return size.get();
  }

  /** Returns the observer of a watch. */
  StreamObserver<WatchJobResponse> watch() {
    return new Watcher();
  }

  /**
   * Fails if a report or the end of a job was lost. No call may be in flight.
   *
   * @param ended number of jobs that have ended
   */
  void check(long ended) throws InterruptedException {
    idle.forEach(SoakJob::check);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WATCHERS_TIMEOUT_SECONDS);
    while (completedWatches.get() < ended && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a watch failed: " + failed, failed);
    }
    if (completedWatches.get() != ended) {
      throw new IllegalStateException(
          completedWatches
              + " watchers saw the end of their job, but "
              + ended
              + " jobs have ended");
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
        completedWatches.incrementAndGet();
      } else {
        onError(new IllegalStateException("a watch ended with " + last));
      }
    }
  }
}
