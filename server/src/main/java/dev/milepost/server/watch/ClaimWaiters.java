package dev.milepost.server.watch;

import dev.milepost.server.job.JobRecords;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Subscription;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Claims that wait for a job. Each job that becomes claimable wakes the longest waiting claim that
 * may take it, and no other. Thread-safe.
 *
 * <p>A wake-up is a hint, not a promise: the woken claim tries again. A claim that stops waiting
 * without having taken the job that woke it passes the wake-up on to the next.
 */
public final class ClaimWaiters implements AutoCloseable {
  private final Map<String, ArrayDeque<Waiter>> byTenant = new HashMap<>();
  private final Subscription subscription;

  /** Guarded by byTenant. */
  private boolean closed;

  /** Subscribes to a store. */
  public ClaimWaiters(JobStore store) {
    this.subscription = store.subscribe(new Arrivals());
  }

  /**
   * Starts to wait. Register before trying to claim, so that no job that arrives in between is
   * missed.
   *
   * @param wake called at most once, usually on a thread of the store: must be quick
   * @return null if the server is shutting down: there is nothing to wait for
   */
  public @Nullable Ticket register(ClaimQuery query, Runnable wake) {
    Waiter waiter = new Waiter(query, wake);
    synchronized (byTenant) {
      if (closed) {
        return null;
      }
      byTenant.computeIfAbsent(query.tenantId(), tenant -> new ArrayDeque<>()).addLast(waiter);
    }
    return waiter;
  }

  /** Returns the number of claims that wait. */
  public int waiting() {
    synchronized (byTenant) {
      return byTenant.values().stream().mapToInt(ArrayDeque::size).sum();
    }
  }

  /** Wakes all claims; later ones do not wait. */
  @Override
  public void close() {
    subscription.close();
    synchronized (byTenant) {
      closed = true;
    }
    wakeAll();
  }

  private void wakeAll() {
    List<Waiter> woken = new ArrayList<>();
    synchronized (byTenant) {
      byTenant.values().forEach(woken::addAll);
      byTenant.clear();
    }
    woken.forEach(waiter -> waiter.wake.run());
  }

  private void arrived(JobRecord job) {
    Waiter chosen = null;
    synchronized (byTenant) {
      ArrayDeque<Waiter> waiting = byTenant.get(job.getJob().getTenantId());
      if (waiting == null) {
        return;
      }
      for (Iterator<Waiter> longestFirst = waiting.iterator();
          longestFirst.hasNext() && chosen == null; ) {
        Waiter waiter = longestFirst.next();
        if (waiter.query.accepts(job)) {
          longestFirst.remove();
          waiter.wokenBy = job;
          chosen = waiter;
        }
      }
      if (waiting.isEmpty()) {
        byTenant.remove(job.getJob().getTenantId());
      }
    }
    if (chosen != null) {
      chosen.wake.run();
    }
  }

  /**
   * Returns whether a change makes a job claimable for a claim that could not take it before: it
   * has been queued, or its priority has changed. A change covers a group of commits, so the job
   * may also have been claimed and released in between, which its attempt tells.
   */
  private static boolean isArrival(@Nullable JobRecord before, JobRecord after) {
    if (before == null || !JobRecords.isClaimable(before) || !JobRecords.isClaimable(after)) {
      return JobRecords.isClaimable(after);
    }
    return before.getJob().getSpec().getPriority() != after.getJob().getSpec().getPriority()
        || before.getJob().getStatus().getAttempt() != after.getJob().getStatus().getAttempt();
  }

  /** One waiting claim. */
  public interface Ticket extends AutoCloseable {
    /**
     * Stops waiting. Passes a wake-up that it has received on to the next claim, unless the job
     * that caused it has been claimed.
     *
     * @param claimed ids of the claimed jobs
     */
    void close(Set<String> claimed);

    /** Stops waiting without having claimed a job. */
    @Override
    default void close() {
      close(Set.of());
    }
  }

  private final class Waiter implements Ticket {
    private final ClaimQuery query;
    private final Runnable wake;

    /** The job that woke this claim, if any. Guarded by byTenant. */
    private @Nullable JobRecord wokenBy;

    Waiter(ClaimQuery query, Runnable wake) {
      this.query = query;
      this.wake = wake;
    }

    @Override
    public void close(Set<String> claimed) {
      JobRecord unused;
      synchronized (byTenant) {
        ArrayDeque<Waiter> waiting = byTenant.get(query.tenantId());
        if (waiting != null && waiting.remove(this) && waiting.isEmpty()) {
          byTenant.remove(query.tenantId());
        }
        unused = wokenBy;
        wokenBy = null;
      }
      if (unused != null && !claimed.contains(unused.getJob().getId())) {
        arrived(unused);
      }
    }
  }

  private final class Arrivals implements ChangeListener {
    @Override
    public void changed(List<Change> changes) {
      for (Change change : changes) {
        JobRecord after = change.after();
        if (after != null && isArrival(change.before(), after)) {
          arrived(after);
        }
      }
    }

    @Override
    public void missed() {
      wakeAll();
    }
  }
}
