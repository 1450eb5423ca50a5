package dev.milepost.server.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of a store. Thread-safe; the store calls {@link #tell} from one thread at a time.
 */
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final List<Listening> all = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  /** No listener yet. */
  public Listeners() {}

  /** Adds a listener; the same one added twice is told twice. */
  public Subscription add(ChangeListener listener) {
    Listening listening = new Listening(listener);
    all.add(listening);
    if (stopped) {
      listening.stop();
    }
    return () -> all.remove(listening);
  }

  /** Tells all of commits. What a listener throws is logged and harms nobody else. */
  public void publish(List<Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    for (Listening listening : all) {
      try {
        listening.listener.changed(changes);
      } catch (RuntimeException | Error e) {
        LOG.error("A listener failed to take a change.", e);
      }
    }
  }

  /** Tells all that changes may have been missed. */
  public void publishMissed() {
    for (Listening listening : all) {
      try {
        listening.listener.missed();
      } catch (RuntimeException | Error e) {
        LOG.error("A listener failed to hear that it missed changes.", e);
      }
    }
  }

  /** Tells all that the store has failed for good, those who come later among them. */
  public void publishStopped() {
    stopped = true;
    all.forEach(Listening::stop);
  }

  /** One subscription: equal to itself alone. */
  private static final class Listening {
    private final ChangeListener listener;
    private final AtomicBoolean toldOfTheEnd = new AtomicBoolean();

    private Listening(ChangeListener listener) {
      this.listener = listener;
    }

    /** Who subscribes just when the store stops may be told by two threads: the first one does. */
    private void stop() {
      if (toldOfTheEnd.getAndSet(true)) {
        return;
      }
      try {
        listener.stopped();
      } catch (RuntimeException | Error e) {
        LOG.error("A listener failed to hear that the store has stopped.", e);
      }
    }
  }
}
