package dev.milepost.server.statistics;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.storage.v1.StatisticsRecord;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts what this server commits, by tenant and in all. Thread-safe.
 *
 * <p>Bounded: of more tenants, those are forgotten in which nothing has happened longest; the sum
 * of all tenants keeps them.
 */
public final class JobCounters implements CommitObserver {
  /** Maximum number of tenants that are counted. */
  static final int MAX_TENANTS = 200;

  /** Stands for all tenants. */
  static final String ALL = "";

  private final InstantSource clock;
  private final CommitObserver observer;

  /** The tenant first in which nothing has happened longest. Guarded by this. */
  private final LinkedHashMap<String, PeriodTallies> byTenant = new LinkedHashMap<>();

  private final PeriodTallies all = new PeriodTallies();

  /** Tenants in which something has happened since it was last taken. Guarded by this. */
  private final Set<String> changed = new LinkedHashSet<>();

  /**
   * Nothing has happened yet.
   *
   * @param observer receives every measurement too
   */
  public JobCounters(InstantSource clock, CommitObserver observer) {
    this.clock = clock;
    this.observer = observer;
  }

  @Override
  public void changed(List<Change> changes) {
    observer.changed(changes);
    Map<String, JobEvents> byTenant = new HashMap<>();
    for (Change change : changes) {
      byTenant
          .computeIfAbsent(change.key().tenantId(), unused -> new JobEvents())
          .add(change.before(), change.after());
    }
    byTenant.values().removeIf(events -> events.tally().events() == 0);
    if (!byTenant.isEmpty()) {
      add(byTenant);
    }
  }

  private synchronized void add(Map<String, JobEvents> happened) {
    Instant now = clock.instant();
    happened.forEach(
        (tenant, events) -> {
          PeriodTallies known = byTenant.remove(tenant);
          PeriodTallies periods = known == null ? new PeriodTallies() : known;
          periods.add(events, now);
          byTenant.put(tenant, periods);
          all.add(events, now);
          changed.add(tenant);
        });
    changed.add(ALL);
    while (byTenant.size() > MAX_TENANTS) {
      byTenant.remove(byTenant.keySet().iterator().next());
    }
  }

  /** Returns the tallies of a tenant, or of {@link #ALL}, as they are stored. */
  synchronized StatisticsRecord stored(String tenant) {
    PeriodTallies tallies = tenant.equals(ALL) ? all : byTenant.get(tenant);
    return tallies == null
        ? StatisticsRecord.getDefaultInstance()
        : tallies.stored(clock.instant());
  }

  /** Returns the tenants that are counted. */
  synchronized Set<String> tenants() {
    return Set.copyOf(byTenant.keySet());
  }

  /** Returns the tenants, {@link #ALL} among them, of which something has changed since. */
  synchronized Set<String> takeChanged() {
    Set<String> taken = new LinkedHashSet<>(changed);
    taken.removeIf(tenant -> !tenant.equals(ALL) && !byTenant.containsKey(tenant));
    changed.clear();
    return taken;
  }

  /** What was taken has yet to be taken again. */
  synchronized void putBack(Set<String> tenants) {
    changed.addAll(tenants);
  }

  @Override
  public void committed(int updates, long nanos) {
    observer.committed(updates, nanos);
  }

  @Override
  public void failed(int updates) {
    observer.failed(updates);
  }

  @Override
  public void foundUnreadable() {
    observer.foundUnreadable();
  }

  @Override
  public void foundUnreadableEntries() {
    observer.foundUnreadableEntries();
  }

  @Override
  public void foundUnreadableItem() {
    observer.foundUnreadableItem();
  }

  @Override
  public void clockJumped(long micros) {
    observer.clockJumped(micros);
  }

  @Override
  public void paused(long micros) {
    observer.paused(micros);
  }
}
