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
 * Workers that wait for a job: each arrival wakes one who may take it, the longest waiting first.
 *
 * <p>A wake-up is a hint and not a promise. Who is woken tries to claim; who leaves although it was
 * woken, or takes a job without having needed the wake-up, hands it on. Nobody polls, and no
 * arrival wakes everybody.
 */
public final class ClaimWaiters implements AutoCloseable {
  private final Map<String, ArrayDeque<Waiter>> byTenant = new HashMap<>();
  private final Subscription subscription;

  /** Guarded by byTenant. */
  private boolean closed;

  /** Waits for arrivals in a store. */
  public ClaimWaiters(JobStore store) {
    this.subscription = store.subscribe(new Arrivals());
  }

  /**
   * Waits for a job. Register before looking for one: what arrives after the look then wakes.
   *
   * @param wake called at most once, on a thread of the store: must be quick
   * @return null where waiting is idle because the server stops
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

  /** Wakes everybody, and nobody later. */
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
        if (waiter.mayTake(job)) {
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
   * Whether a change lets a job be claimed by somebody who could not claim it before: it came into
   * the queue, or to another priority in it. Of a group of commits only the ends are seen: so it
   * may have been claimed and given back meanwhile.
   */
  private static boolean isArrival(@Nullable JobRecord before, JobRecord after) {
    if (before == null || !JobRecords.isClaimable(before) || !JobRecords.isClaimable(after)) {
      return JobRecords.isClaimable(after);
    }
    return before.getJob().getSpec().getPriority() != after.getJob().getSpec().getPriority()
        || before.getJob().getStatus().getAttempt() != after.getJob().getStatus().getAttempt();
  }

  /** A place among those who wait. */
  public interface Ticket extends AutoCloseable {
    /**
     * Stops waiting; where a wake-up was on its way or has come, hands it on to the next, unless
     * the job that it was for is among those that were claimed.
     *
     * @param claimed ids of jobs
     */
    void close(Set<String> claimed);

    /** Stops waiting, having claimed nothing. */
    @Override
    default void close() {
      close(Set.of());
    }
  }

  private final class Waiter implements Ticket {
    private final ClaimQuery query;
    private final Runnable wake;

    /** The arrival that woke this one; guarded by byTenant. */
    private @Nullable JobRecord wokenBy;

    Waiter(ClaimQuery query, Runnable wake) {
      this.query = query;
      this.wake = wake;
    }

    boolean mayTake(JobRecord record) {
      int priority = record.getJob().getSpec().getPriority();
      return (query.types().isEmpty()
              || query.types().contains(record.getJob().getSpec().getType()))
          && (query.scopes().isEmpty()
              || query.scopes().contains(record.getJob().getSpec().getScope()))
          && priority >= query.minPriority()
          && priority <= query.maxPriority();
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
