package dev.milepost.server.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of a store. Thread-safe; the store calls {@link #publish} from one thread at a
 * time.
 */
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final List<Listening> all = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  /** No listener yet. */
  public Listeners() {}

  /** Adds a listener; a listener that is added twice is notified twice. */
  public Subscription add(ChangeListener listener) {
    Listening listening = new Listening(listener);
    all.add(listening);
    if (stopped) {
      listening.stop();
    }
    return () -> all.remove(listening);
  }

  /**
   * Notifies all listeners of commits. An exception of one is logged and does not affect the
   * others.
   */
  public void publish(List<Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    for (Listening listening : all) {
      try {
        listening.listener.changed(changes);
      } catch (RuntimeException | Error e) {
        LOG.error("A listener threw an exception for a change.", e);
      }
    }
  }

  /** Notifies all listeners that they may have missed changes. */
  public void publishMissed() {
    for (Listening listening : all) {
      try {
        listening.listener.missed();
      } catch (RuntimeException | Error e) {
        LOG.error("A listener threw an exception when it was notified of missed changes.", e);
      }
    }
  }

  /** Notifies all listeners whether the engine can be used. May run beside {@link #publish}. */
  public void publishAvailable(boolean available) {
    for (Listening listening : all) {
      try {
        listening.listener.availabilityChanged(available);
      } catch (RuntimeException | Error e) {
        LOG.error("A listener threw an exception when the store went away or was back.", e);
      }
    }
  }

  /** Notifies all listeners, present and future, that the store has failed for good. */
  public void publishStopped() {
    stopped = true;
    all.forEach(Listening::stop);
  }

  /** A subscription, compared by identity. */
  private static final class Listening {
    private final ChangeListener listener;
    private final AtomicBoolean stopNotified = new AtomicBoolean();

    private Listening(ChangeListener listener) {
      this.listener = listener;
    }

    /**
     * A listener that subscribes while the store stops may be notified by two threads; the first
     * wins.
     */
    private void stop() {
      if (stopNotified.getAndSet(true)) {
        return;
      }
      try {
        listener.stopped();
      } catch (RuntimeException | Error e) {
        LOG.error("A listener threw an exception when it was notified that the store stopped.", e);
      }
    }
  }
}
