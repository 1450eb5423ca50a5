package dev.milepost.server.store.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners that wait for a position in a store's history of changes. A feed of changes takes
 * all of them, reads on, and notifies them. Thread-safe.
 */
public final class HistoryMarks {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryMarks.class);

  private final ConcurrentLinkedQueue<Consumer<String>> waiting = new ConcurrentLinkedQueue<>();

  /** No listener waits yet. */
  public HistoryMarks() {}

  /** Adds a listener; returns whether no other one waits. */
  public boolean add(Consumer<String> reached) {
    boolean isFirst = waiting.isEmpty();
    waiting.add(reached);
    return isFirst;
  }

  /** Returns whether no listener waits. */
  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Takes the listeners that wait now. What is committed later does not concern them. */
  public List<Consumer<String>> take() {
    List<Consumer<String>> taken = new ArrayList<>();
    for (Consumer<String> next = waiting.poll(); next != null; next = waiting.poll()) {
      taken.add(next);
    }
    return taken;
  }

  /** Notifies all listeners that the store cannot tell. */
  public void giveUp() {
    notify(take(), "");
  }

  /**
   * Notifies listeners that were taken. An exception of one is logged and does not affect the
   * others.
   */
  public static void notify(List<Consumer<String>> taken, String position) {
    for (Consumer<String> reached : taken) {
      try {
        reached.accept(position);
      } catch (RuntimeException | Error e) {
        LOG.error("A position in the history of changes could not be passed on.", e);
      }
    }
  }
}
