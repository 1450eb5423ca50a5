package dev.milepost.server.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of a store. Thread-safe; the store calls {@link #tell} from one thread at a time.
 */
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final List<Listening> all = new CopyOnWriteArrayList<>();

  /** No listener yet. */
  public Listeners() {}

  /** Adds a listener; the same one added twice is told twice. */
  public Subscription add(ChangeListener listener) {
    Listening listening = new Listening(listener);
    all.add(listening);
    return () -> all.remove(listening);
  }

  /** Tells all of commits. What a listener throws is logged and harms nobody else. */
  public void tell(List<Change> changes) {
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
  public void tellMissed() {
    for (Listening listening : all) {
      try {
        listening.listener.missed();
      } catch (RuntimeException | Error e) {
        LOG.error("A listener failed to hear that it missed changes.", e);
      }
    }
  }

  /** One subscription: equal to itself alone. */
  private static final class Listening {
    private final ChangeListener listener;

    private Listening(ChangeListener listener) {
      this.listener = listener;
    }
  }
}
