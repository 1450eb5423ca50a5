package dev.milepost.server.store.engine;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.Listeners;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to listeners what this server commits and what it reads of other servers' commits, in
 * one order: a change by another server is never published before an older one by this server.
 * Thread-safe.
 */
public final class ChangePublisher {
  /** Jobs that are read and published together. */
  private static final int SLICE_JOBS = 64;

  private final Listeners listeners;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * Commits changes, or reads those of other servers.
   *
   * @param <E> failure; nothing is published then
   */
  public interface Step<E extends Exception> {
    /** Returns the changes to publish. */
    List<Change> changes() throws E;
  }

  /**
   * Divides jobs that other servers have changed into those that are read and published together,
   * so that few of them are in memory at a time.
   *
   * @param touched what is known of each job
   */
  public static <V extends @Nullable Object> List<Map<JobKey, V>> slices(Map<JobKey, V> touched) {
    List<Map<JobKey, V>> slices = new ArrayList<>();
    Map<JobKey, V> slice = Map.of();
    for (Map.Entry<JobKey, V> job : touched.entrySet()) {
      if (slices.isEmpty() || slice.size() == SLICE_JOBS) {
        slice = new LinkedHashMap<>();
        slices.add(slice);
      }
      slice.put(job.getKey(), job.getValue());
    }
    return slices;
  }

  /** Publishes to these listeners; each ordered sequence of commits needs its own publisher. */
  public ChangePublisher(Listeners listeners) {
    this.listeners = listeners;
  }

  /** Runs a step while no other step of this publisher runs, and publishes its changes. */
  public <E extends Exception> void publish(Step<E> step) throws E {
    publish(step, () -> {});
  }

  /**
   * Runs a step while no other step of this publisher runs, and publishes its changes.
   *
   * @param then runs when they are published, before anything else is
   */
  public <E extends Exception> void publish(Step<E> step, Runnable then) throws E {
    lock.lock();
    try {
      List<Change> changes = step.changes();
      synchronized (listeners) {
        listeners.publish(changes);
      }
      then.run();
    } finally {
      lock.unlock();
    }
  }

  /** Notifies listeners that they may have missed changes. */
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
