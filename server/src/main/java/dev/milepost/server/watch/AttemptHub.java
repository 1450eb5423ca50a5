package dev.milepost.server.watch;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.Subscription;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the changes of jobs to those who hold their attempts, whichever server of a shared store
 * made them. A job that is not followed costs one map lookup a commit. Thread-safe.
 *
 * <p>Unlike a watch, following a job does not make it count as watched, by which workers report
 * more often.
 */
public final class AttemptHub implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptHub.class);

  /** Jobs that are read at a time after missed changes. */
  private static final int SLICE = 50;

  private final JobStore store;
  private final Map<JobKey, List<AttemptListener>> listeners = new ConcurrentHashMap<>();
  private final AtomicBoolean reading = new AtomicBoolean();
  private final AtomicBoolean missedAgain = new AtomicBoolean();
  private final Subscription subscription;

  /** Subscribes to a store. */
  public AttemptHub(JobStore store) {
    this.store = store;
    this.subscription = store.subscribe(new Listener());
  }

  /** Notifies a listener of each commit to a job from now on, until {@link #unfollow}. */
  public void follow(JobKey key, AttemptListener listener) {
    listeners.merge(
        key,
        List.of(listener),
        (before, one) -> {
          List<AttemptListener> more = new ArrayList<>(before);
          more.addAll(one);
          return List.copyOf(more);
        });
  }

  /** Ends what {@link #follow} began; does nothing the second time. */
  public void unfollow(JobKey key, AttemptListener listener) {
    listeners.computeIfPresent(
        key,
        (any, before) -> {
          List<AttemptListener> rest = new ArrayList<>(before);
          rest.remove(listener);
          return rest.isEmpty() ? null : List.copyOf(rest);
        });
  }

  /** Returns the number of jobs that are followed. */
  public int followed() {
    return listeners.size();
  }

  /** Notifies nobody from now on. */
  @Override
  public void close() {
    subscription.close();
    listeners.clear();
  }

  /** Reads all followed jobs, some at a time, and again if more was missed meanwhile. */
  void readAll() {
    if (!reading.compareAndSet(false, true)) {
      missedAgain.set(true);
      return;
    }
    missedAgain.set(false);
    read(List.copyOf(listeners.keySet()), 0);
  }

  private void read(List<JobKey> keys, int from) {
    if (from >= keys.size()) {
      reading.set(false);
      if (missedAgain.get()) {
        readAll();
      }
      return;
    }
    List<JobKey> slice = keys.subList(from, Math.min(keys.size(), from + SLICE));
    var unused =
        store
            .get(slice)
            .whenComplete(
                (found, failure) -> {
                  if (failure == null) {
                    publish(slice, found);
                  } else {
                    // The responses to reports and heartbeats say the same, later.
                    LOG.debug("Could not read jobs whose changes were missed.", failure);
                  }
                  read(keys, from + SLICE);
                });
  }

  private void publish(List<JobKey> asked, JobsByKey found) {
    Set<JobKey> absent = new HashSet<>(asked);
    for (JobRecord job : found.jobs()) {
      JobKey key = JobKey.of(job);
      absent.remove(key);
      listeners.getOrDefault(key, List.of()).forEach(listener -> listener.changed(key, job));
    }
    found
        .unreadable()
        .forEach(job -> absent.remove(new JobKey(job.known().getTenantId(), job.known().getId())));
    for (JobKey key : absent) {
      listeners.getOrDefault(key, List.of()).forEach(listener -> listener.changed(key, null));
    }
  }

  private final class Listener implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      if (listeners.isEmpty()) {
        return;
      }
      for (Change change : changes) {
        List<AttemptListener> followers = listeners.get(change.key());
        if (followers != null) {
          followers.forEach(listener -> listener.changed(change.key(), change.after()));
        }
      }
    }

    @Override
    public void missed() {
      readAll();
    }
  }
}
