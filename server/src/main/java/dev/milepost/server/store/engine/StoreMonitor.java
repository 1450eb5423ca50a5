package dev.milepost.server.store.engine;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.PartHealth;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.StoreHealth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether the engine of a store that runs elsewhere can be used. While it cannot, calls fail
 * at once instead of waiting for it, and only this monitor asks, with increasing pauses, whether it
 * is back.
 *
 * <p>An engine is away if asking it has failed for half a second; so a connection that was merely
 * cut is replaced without a failure. It is asked when something suspects an outage, and otherwise
 * if nothing has proved for a second that it works. Thread-safe.
 */
public final class StoreMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreMonitor.class);

  /** How long asking must have failed before the engine counts as away. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** How long a response may take. Calls wait for it if the engine hangs. */
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** The same while the engine is away: nobody waits, and it may be slow as it starts. */
  private static final Duration AWAY_TIMEOUT = Duration.ofSeconds(5);

  /** A feed may lose its connection and get another one without being noticed. */
  private static final Duration FEED_PATIENCE = Duration.ofSeconds(3);

  /** How long an engine counts as full after the last change that did not fit. */
  private static final Duration MAX_FULL = Duration.ofMinutes(1);

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
  private static final Duration MIN_PAUSE = Duration.ofMillis(100);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(1);
  private static final Duration GRACE_PAUSE = Duration.ofMillis(50);

  private final PartState state;
  private final TimeSource time;
  private final Listeners listeners;
  private final Set<Waiting<?>> waiting = ConcurrentHashMap.newKeySet();
  private final List<Runnable> whenAway = new CopyOnWriteArrayList<>();
  private final List<Runnable> whenBack = new CopyOnWriteArrayList<>();
  private final Thread thread =
      ThreadFactories.daemon("milepost-store-monitor").newThread(this::run);

  private final Checks checks = new Checks();

  private volatile boolean away;
  private volatile boolean suspected;
  private volatile boolean closed;
  private volatile long provedNanos;
  private volatile @Nullable EngineProbe probe;

  /** Why the engine could not be used the last time. Confined to the monitor's thread. */
  private String lastReason = "";

  /**
   * A monitor of an engine that works.
   *
   * @param listeners are notified when the engine is away, and when it is back
   */
  public StoreMonitor(TimeSource time, Listeners listeners) {
    this.time = time;
    this.listeners = listeners;
    this.state =
        new PartState(
            "The store",
            "Calls fail at once until it is back.",
            Duration.ZERO,
            Duration.ZERO,
            time);
    this.provedNanos = time.nanoTime();
  }

  /** Starts to ask the engine. Takes ownership of the probe. */
  public void start(EngineProbe asks) {
    probe = asks;
    thread.start();
  }

  /**
   * Adds an action for the moment in which the engine goes away: it must end what waits for it.
   *
   * @param action runs on the monitor's thread; must be quick and must not throw
   */
  public void whenAway(Runnable action) {
    whenAway.add(action);
  }

  /**
   * Adds an action for the moment before calls are passed on to the engine again.
   *
   * @param action runs on the monitor's thread; must be quick and must not throw
   */
  public void whenBack(Runnable action) {
    whenBack.add(action);
  }

  /** Returns the state of a change feed, as its reader finds out. */
  public static PartState feed(TimeSource time) {
    return new PartState(
        "The change feed",
        "Watches and waiting claims see changes by other servers late.",
        FEED_PATIENCE,
        Duration.ZERO,
        time);
  }

  /**
   * Returns how the store is doing. If the engine is away, so is the feed.
   *
   * @param feed whether changes by other servers are received
   * @param space whether there is room for changes
   * @param feedLag time since this server last had all changes by other servers
   */
  public StoreHealth health(PartState feed, PartState space, Duration feedLag) {
    PartHealth engine = state.health();
    space.end(MAX_FULL);
    return new StoreHealth(engine, engine.isUp() ? feed.health() : engine, space.health(), feedLag);
  }

  /** Returns whether the engine is away, so that it must not be asked. */
  public boolean isAway() {
    return away;
  }

  /** The engine has done something. Cheap. */
  public void proved() {
    provedNanos = time.nanoTime();
  }

  /** The engine may be away: it is asked at once. */
  public void suspect() {
    if (!suspected) {
      suspected = true;
      LockSupport.unpark(thread);
    }
  }

  /** Counts calls that failed because the engine is away. */
  public void failed(long calls) {
    state.failed(calls);
  }

  /** Returns what a call fails with while the engine is away. */
  public StoreException unavailable(Outcome outcome) {
    PartHealth health = state.health();
    String reason =
        health.isUp() ? "The store could not be reached for a moment. Try again." : health.reason();
    return new StoreException(outcome, Kind.AWAY, reason, null);
  }

  /** Counts a call that fails because the engine is away, and returns what it fails with. */
  public StoreException refusal() {
    failed(1);
    return unavailable(Outcome.NOT_APPLIED);
  }

  /**
   * Has the engine asked, and waits for the result. Blocks for a few seconds at most; not for
   * threads that serve calls, or those of a driver.
   *
   * @return whether the engine is away
   */
  public boolean isAwayAfterCheck() {
    synchronized (checks) {
      long wanted = checks.begun + 1;
      suspect();
      while (!away && !closed && checks.ended < wanted) {
        Uninterruptibles.run(() -> checks.wait(MAX_PAUSE.toMillis()));
      }
    }
    return away;
  }

  /**
   * Fails a stage as soon as the engine is away, unless it has been completed by then.
   *
   * @param whenAway returns what the stage fails with then
   * @return the same stage
   */
  public <T> CompletableFuture<T> untilAway(
      CompletableFuture<T> response, Supplier<? extends Throwable> whenAway) {
    Waiting<T> waits = new Waiting<>(response, whenAway);
    waiting.add(waits);
    var unused = response.whenComplete((result, failure) -> waiting.remove(waits));
    if (away) {
      waits.fail();
    }
    return response;
  }

  /** Runs a read if the engine is there; it fails as soon as the engine is away. */
  public <T> CompletionStage<T> read(Supplier<? extends CompletionStage<T>> read) {
    return away
        ? CompletableFuture.failedStage(refusal())
        : untilAway(read.get().toCompletableFuture(), this::refusal);
  }

  private void run() {
    Duration pause = MIN_PAUSE;
    while (!closed) {
      if (away) {
        pause(jittered(pause));
        pause = pause.multipliedBy(2).compareTo(MAX_PAUSE) < 0 ? pause.multipliedBy(2) : MAX_PAUSE;
        if (!closed && ask(AWAY_TIMEOUT)) {
          back();
        }
        state.remind();
      } else {
        pause = MIN_PAUSE;
        if (!suspected) {
          pause(CHECK_INTERVAL);
        }
        boolean isSilent = time.nanoTime() - provedNanos >= CHECK_INTERVAL.toNanos();
        if (!closed && (suspected || isSilent)) {
          checks.begin();
          checkThoroughly();
          checks.end();
        }
      }
    }
  }

  /** Asks until there is a response, or the engine counts as away. */
  private void checkThoroughly() {
    long begun = time.nanoTime();
    while (!closed && !ask(TIMEOUT)) {
      if (time.nanoTime() - begun >= GRACE.toNanos()) {
        away();
        return;
      }
      pause(GRACE_PAUSE);
    }
  }

  private boolean ask(Duration timeout) {
    long begun = time.nanoTime();
    try {
      Optional<String> refusal = Objects.requireNonNull(probe).check(timeout);
      if (refusal.isEmpty()) {
        proved();
        return true;
      }
      // Reads may succeed meanwhile.
      failed(refusal.get());
      return false;
    } catch (StoreException e) {
      LOG.debug("The engine of the store did not respond.", e);
      if (!away && provedNanos - begun > 0) {
        return true; // Something else has had a response meanwhile: this one was only slow.
      }
      failed(String.valueOf(e.getMessage()));
      return false;
    } catch (RuntimeException | Error e) {
      LOG.error("The engine of the store could not be asked.", e);
      return !away;
    }
  }

  private void failed(String reason) {
    lastReason = reason;
    if (away) {
      state.failed(reason, 0);
    }
  }

  /** Counts checks of an engine that is not away. Guarded by itself. */
  private final class Checks {
    private long begun;
    private long ended;

    private synchronized void begin() {
      begun++;
      suspected = false;
    }

    private synchronized void end() {
      ended = begun;
      notifyAll();
    }
  }

  private void away() {
    state.failed(lastReason, 0);
    away = true;
    listeners.publishAvailable(false);
    new ArrayList<>(waiting).forEach(Waiting::fail);
    whenAway.forEach(Runnable::run);
  }

  private void back() {
    whenBack.forEach(Runnable::run);
    suspected = false;
    away = false;
    state.worked();
    listeners.publishAvailable(true);
  }

  private static Duration jittered(Duration pause) {
    long half = pause.toNanos() / 2;
    return Duration.ofNanos(half + ThreadLocalRandom.current().nextLong(half));
  }

  private void pause(Duration pause) {
    long end = time.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos();
        left > 0 && !closed && (away || !suspected || pause.equals(GRACE_PAUSE));
        left = end - time.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }

  @Override
  public void close() {
    closed = true;
    checks.end();
    LockSupport.unpark(thread);
    EngineProbe started = probe;
    if (started != null) {
      Uninterruptibles.run(thread::join);
      started.close();
    }
  }

  /** A stage that waits for the engine, compared by identity. */
  private static final class Waiting<T> {
    private final CompletableFuture<T> stage;
    private final Supplier<? extends Throwable> whenAway;

    private Waiting(CompletableFuture<T> stage, Supplier<? extends Throwable> whenAway) {
      this.stage = stage;
      this.whenAway = whenAway;
    }

    private void fail() {
      if (!stage.isDone()) {
        stage.completeExceptionally(whenAway.get());
      }
    }
  }
}
