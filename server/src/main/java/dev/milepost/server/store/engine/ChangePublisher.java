package dev.milepost.server.store.engine;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.Listeners;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells listeners what this server commits and what it hears of others, one after the other: what
 * is read of another's change cannot be told before an older change of this server.
 */
public final class ChangePublisher {
  private final Listeners listeners;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * Commits changes, or reads those of others.
   *
   * @param <E> what it fails with: nothing is told then
   */
  public interface Step<E extends Exception> {
    /** What is to be told. */
    List<Change> changes() throws E;
  }

  /** Tells these listeners; only tellers may, one for each row of commits that is in order. */
  public ChangePublisher(Listeners listeners) {
    this.listeners = listeners;
  }

  /** Takes a step while nobody else does, and tells what it brought. */
  public <E extends Exception> void publish(Step<E> step) throws E {
    lock.lock();
    try {
      List<Change> changes = step.changes();
      synchronized (listeners) {
        listeners.publish(changes);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Tells that changes may have been missed. */
  public void publishMissed() {
    lock.lock();
    try {
      synchronized (listeners) {
        listeners.publishMissed();
      }
    } finally {
      lock.unlock();
    }
  }
}
