package dev.milepost.benchmarks.load;

import dev.milepost.benchmarks.harness.PhaseResult;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of messages in flight on each of several streams for some time: each response
 * sends the next message. Used once.
 */
public final class StreamLoop {
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

  private final Histogram latencies = new ConcurrentHistogram(MAX_NANOS, 3);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch open;
  private final int window;
  private final long end;

  private StreamLoop(int streams, int window, long end) {
    this.open = new CountDownLatch(streams);
    this.window = window;
    this.end = end;
  }

  /** A stream whose messages are answered in order. */
  public interface Stream<Q> {
    void send();

    /** Closes the stream after the last message. */
    void end();
  }

  /** Opens one of the streams. */
  public interface Opening {
    Stream<?> open(int slot, Answers answers);
  }

  /**
   * Runs the loop.
   *
   * @param window messages in flight of each stream
   */
  public static PhaseResult run(int streams, int window, Duration length, Opening opening)
      throws InterruptedException {
    long start = System.nanoTime();
    StreamLoop loop = new StreamLoop(streams, window, start + length.toNanos());
    List<Answers> all = new ArrayList<>();
    for (int slot = 0; slot < streams; slot++) {
      Answers answers = loop.new Answers();
      answers.stream = opening.open(slot, answers);
      all.add(answers);
    }
    all.forEach(Answers::begin);
    boolean allEnded = loop.open.await(length.plus(CALL_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
    Throwable failed = loop.failure.get();
    if (failed != null) {
      throw new IllegalStateException(
          "a stream failed, so nothing was measured: " + failed, failed);
    }
    if (!allEnded) {
      throw new IllegalStateException("streams were not answered in time");
    }
    return new PhaseResult(loop.latencies.getTotalCount(), length.toNanos(), loop.latencies);
  }

  /** Handles the responses of one stream, and sends the next message for each. */
  public final class Answers {
    private @Nullable Stream<?> stream;

    /** Send times of the messages in flight, in a ring. Guarded by this. */
    private final long[] sent = new long[window];

    private int next;
    private int inFlight;
    private boolean ended;

    /** Returns the observer of the responses. */
    public <A> StreamObserver<A> observer(Consumer<A> each) {
      return new StreamObserver<>() {
        @Override
        public void onNext(A answer) {
          each.accept(answer);
          answered();
        }

        @Override
        public void onError(Throwable reason) {
          failure.compareAndSet(null, reason);
          open.countDown();
        }

        @Override
        public void onCompleted() {
          open.countDown();
        }
      };
    }

    private synchronized void begin() {
      for (int i = 0; i < window; i++) {
        send(System.nanoTime());
      }
    }

    private void send(long now) {
      sent[(next + inFlight) % window] = now;
      inFlight++;
      required().send();
    }

    private synchronized void answered() {
      long now = System.nanoTime();
      long started = sent[next];
      next = (next + 1) % window;
      inFlight--;
      if (now < end) {
        latencies.recordValue(Math.min(now - started, MAX_NANOS));
        send(now);
      } else if (inFlight == 0 && !ended) {
        ended = true;
        required().end();
      }
    }

    private Stream<?> required() {
      Stream<?> opened = stream;
      if (opened == null) {
        throw new IllegalStateException("a response before the stream was opened");
      }
      return opened;
    }
  }
}
