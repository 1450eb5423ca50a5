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
 * Keeps a number of messages under way on each of several streams for a time: each answer sends the
 * next message. Used once.
 */
public final class StreamLoop {
  private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private final Histogram latencies = new ConcurrentHistogram(MOST_NANOS, 3);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch open;
  private final int window;
  private final long end;

  private StreamLoop(int streams, int window, long end) {
    this.open = new CountDownLatch(streams);
    this.window = window;
    this.end = end;
  }

  /** A stream whose messages are answered one by one, in order. */
  public interface Stream<Q> {
    void send();

    /** No more messages will come. */
    void end();
  }

  /** Opens one of the streams. */
  public interface Opening {
    Stream<?> open(int slot, Answers answers);
  }

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
    boolean allEnded = loop.open.await(length.plus(ANSWER).toMillis(), TimeUnit.MILLISECONDS);
    Throwable failed = loop.failure.get();
    if (failed != null) {
      throw new IllegalStateException(
          "a stream failed, so nothing was measured: " + failed, failed);
    }
    if (!allEnded) {
      throw new IllegalStateException("streams stay without an answer");
    }
    return new PhaseResult(loop.latencies.getTotalCount(), length.toNanos(), loop.latencies);
  }

  /** What comes back on one stream, and what is sent because of it. */
  public final class Answers {
    private @Nullable Stream<?> stream;

    /** When the messages under way were sent, in a ring. Guarded by this. */
    private final long[] sent = new long[window];

    private int next;
    private int underWay;
    private boolean ended;

    /** Takes the answers. */
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
      sent[(next + underWay) % window] = now;
      underWay++;
      required().send();
    }

    private synchronized void answered() {
      long now = System.nanoTime();
      long begun = sent[next];
      next = (next + 1) % window;
      underWay--;
      if (now < end) {
        latencies.recordValue(Math.min(now - begun, MOST_NANOS));
        send(now);
      } else if (underWay == 0 && !ended) {
        ended = true;
        required().end();
      }
    }

    private Stream<?> required() {
      Stream<?> opened = stream;
      if (opened == null) {
        throw new IllegalStateException("an answer before the stream was open");
      }
      return opened;
    }
  }
}
