package dev.milepost.server.store.postgres;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.Listeners;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells listeners what this server commits and what it hears of others, one after the other: what
 * is read of another's change cannot be told before an older change of this server.
 */
final class Teller {
  private final Listeners listeners;
  private final Runnable committed;
  private final ReentrantLock lock = new ReentrantLock();

  /** Something that a database does. */
  interface Act {
    void run() throws SQLException;
  }

  /** Something that is read of a database. */
  interface Read {
    List<Change> changes() throws SQLException;
  }

  /**
   * Tells listeners.
   *
   * @param committed runs after each commit, before it is told
   */
  Teller(Listeners listeners, Runnable committed) {
    this.listeners = listeners;
    this.committed = committed;
  }

  /** Commits and tells; what it failed with, or null. */
  @Nullable StoreException commit(Act commit, List<Change> changes) {
    lock.lock();
    try {
      commit.run();
      committed.run();
      listeners.tell(changes);
      return null;
    } catch (SQLException e) {
      StoreException failure = Failures.ofCommit(e);
      if (failure.outcome() == Outcome.UNKNOWN) {
        listeners.tellMissed();
      }
      return failure;
    } finally {
      lock.unlock();
    }
  }

  /** Reads and tells. */
  void tell(Read read) throws SQLException {
    lock.lock();
    try {
      listeners.tell(read.changes());
    } finally {
      lock.unlock();
    }
  }

  /** Tells that changes may have been missed. */
  void tellMissed() {
    lock.lock();
    try {
      listeners.tellMissed();
    } finally {
      lock.unlock();
    }
  }
}
