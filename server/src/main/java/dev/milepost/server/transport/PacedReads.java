package dev.milepost.server.transport;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one stream at the rate of its user: passes on what the service requests at
 * once while the user keeps within the {@link ByteRates}, otherwise message by message, each after
 * a pause. The transport stops taking bytes from a client whose messages are not requested.
 * Thread-safe.
 */
public final class PacedReads {
  /**
   * The longest pause between two messages: a heartbeat must get through before a lease of usual
   * length expires, whatever else its user sends.
   */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

  private final Supplier<ByteRates.@Nullable Excess> rate;
  private final ScheduledExecutorService timer;
  private final Executor loop;
  private final IntConsumer transport;
  private final Consumer<String> slowed;

  // Guarded by this.
  private int requested;
  private @Nullable Future<?> pause;

  /** How long the next message has waited. */
  private Duration waited = Duration.ZERO;

  private boolean ended;

  /**
   * Creates the reads of a stream; nothing is requested yet.
   *
   * @param timer ends pauses
   * @param loop runs what the timer starts
   * @param transport requests a number of messages
   * @param slowed notified of each pause with the setting that causes it; quick
   */
  public PacedReads(
      CallBytes call,
      ScheduledExecutorService timer,
      Executor loop,
      IntConsumer transport,
      Consumer<String> slowed) {
    this(call::excessRate, timer, loop, transport, slowed);
  }

  PacedReads(
      Supplier<ByteRates.@Nullable Excess> rate,
      ScheduledExecutorService timer,
      Executor loop,
      IntConsumer transport,
      Consumer<String> slowed) {
    this.rate = rate;
    this.timer = timer;
    this.loop = loop;
    this.transport = transport;
    this.slowed = slowed;
  }

  /** The service requests messages. */
  public void request(int messages) {
    int now;
    synchronized (this) {
      requested += messages;
      if (pause != null) {
        return;
      }
      now = next();
    }
    pass(now);
  }

  /** The stream has ended: nothing is read any more. */
  public synchronized void end() {
    ended = true;
    if (pause != null) {
      pause.cancel(false);
      pause = null;
    }
  }

  private void resume(Duration length) {
    int now;
    synchronized (this) {
      pause = null;
      waited = waited.plus(length);
      now = next();
    }
    pass(now);
  }

  /** Takes what may be read now, and begins a pause if something must wait. */
  private int next() {
    if (requested == 0 || ended) {
      return 0;
    }
    ByteRates.Excess excess = rate.get();
    if (excess == null) {
      int all = requested;
      requested = 0;
      waited = Duration.ZERO;
      return all;
    }
    int one = 0;
    if (waited.compareTo(MAX_PAUSE) >= 0) {
      one = 1;
      requested--;
      waited = Duration.ZERO;
    }
    if (requested > 0) {
      if (waited.isZero()) {
        slowed.accept(excess.setting());
      }
      begin(excess.delay());
    }
    return one;
  }

  private void begin(Duration delay) {
    Duration left = MAX_PAUSE.minus(waited);
    Duration length = delay.compareTo(left) < 0 ? delay : left;
    try {
      pause =
          timer.schedule(
              () -> loop.execute(() -> resume(length)), length.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The server stops, and the stream with it.
    }
  }

  /** Outside of the lock: the transport may deliver messages at once, which request others. */
  private void pass(int messages) {
    if (messages > 0) {
      transport.accept(messages);
    }
  }
}
