package dev.milepost.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the server answers this client. An outage is one line in the log when it begins and one
 * when it ends, however many calls, reports and watches are retried meanwhile. Thread-safe.
 */
final class Connectivity {
  private static final Logger LOG = LoggerFactory.getLogger(Connectivity.class);

  private final Target target;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean hasAnswered;
  private volatile long lastAnswerNanos;

  /** The first failure since the last answer; null if there is none. */
  private volatile @Nullable Failure failure;

  /** What is wrong; null unless there is an outage. */
  private volatile @Nullable String outage;

  Connectivity(Target target) {
    this.target = target;
  }

  /** Adds a listener, which is called when an outage begins or ends; it must be quick. */
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void remove(Runnable listener) {
    listeners.remove(listener);
  }

  /** Whether the server has ever answered. */
  boolean hasAnswered() {
    return hasAnswered;
  }

  /** Returns what is wrong; null unless there is an outage. */
  @Nullable String outage() {
    return outage;
  }

  /** The server has answered, if only with an error of its own. */
  void answered() {
    lastAnswerNanos = System.nanoTime();
    hasAnswered = true;
    if (failure != null) {
      ended();
    }
  }

  private void ended() {
    Failure first;
    boolean isOutage;
    synchronized (this) {
      first = failure;
      isOutage = outage != null;
      failure = null;
      outage = null;
    }
    if (first != null && isOutage) {
      Duration time = Duration.ofNanos(System.nanoTime() - first.nanos());
      LOG.info("{} is available again, after {}.", target, Tries.text(time));
      listeners.forEach(Runnable::run);
    }
  }

  /**
   * A call or a stream got no answer. The second failure without an answer in between is an outage:
   * a single one, as of a connection that was closed, is mended by the next try.
   *
   * @param startNanos when it was tried; if the server has answered something else since, this is
   *     not an outage
   */
  void failed(String cause, long startNanos) {
    if (outage != null || (hasAnswered && lastAnswerNanos - startNanos > 0)) {
      return;
    }
    synchronized (this) {
      if (failure == null) {
        failure = new Failure(System.nanoTime());
        return;
      } else if (outage != null) {
        return;
      }
      outage = cause;
    }
    LOG.warn("{} is unavailable: {}", target, cause);
    listeners.forEach(Runnable::run);
  }

  private record Failure(long nanos) {}
}
