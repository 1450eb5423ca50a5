package dev.milepost.server.workers;

import dev.milepost.server.access.Caller;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.storage.v1.KnownWorker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The workers that have asked this server for jobs since it started. Thread-safe.
 *
 * <p>A worker is a name and user, and what it asks for. Their number and size are bounded: of more,
 * the tenant with the most loses the one that was not seen longest.
 */
public final class WorkerRegistry {
  /** Maximum number of workers. */
  public static final int MAX_WORKERS = 10_000;

  /** How long a worker is known after it was last seen. */
  public static final Duration TTL = Duration.ofHours(24);

  /** A worker that asks again within this time has waited all along. */
  private static final Duration MAX_GAP = Duration.ofMinutes(2);

  /** Maximum number of characters in the types of all workers. */
  private static final long MAX_TYPE_CHARS = 4 << 20;

  /** Maximum number of characters in the types of a worker that are passed on. */
  private static final int MAX_SHOWN_CHARS = 4 << 10;

  private final InstantSource clock;
  private final Supplier<String> server;

  /** By tenant, then the one first that was not seen longest. Guarded by this. */
  private final Map<String, LinkedHashMap<Name, Entry>> byTenant = new HashMap<>();

  private int workers;
  private long typeChars;

  /** Tenants of which something has changed since it was last taken. Guarded by this. */
  private final TreeSet<String> changed = new TreeSet<>();

  /** What tells a worker from others of its tenant. */
  private record Name(String userId, String workerId, ClaimQuery query) {}

  /** What is known of a worker. Guarded by the registry. */
  private static final class Entry {
    private int capacity;
    private int waiting;
    private @Nullable Instant waitStart;
    private @Nullable Instant lastClaim;
    private Instant lastSeen;

    Entry(Instant now) {
      this.lastSeen = now;
    }
  }

  /**
   * No workers.
   *
   * @param clock the clock of the store
   * @param server host and port of this server, for people
   */
  public WorkerRegistry(InstantSource clock, Supplier<String> server) {
    this.clock = clock;
    this.server = server;
  }

  /** One call that asks for jobs. */
  public final class Ask {
    private final String tenantId;
    private final Name name;
    private final boolean waits;
    private boolean over;

    Ask(String tenantId, Name name, boolean waits) {
      this.tenantId = tenantId;
      this.name = name;
      this.waits = waits;
    }

    /** It has got jobs. */
    public void claimed() {
      synchronized (WorkerRegistry.this) {
        Entry entry = see(tenantId, name);
        entry.lastClaim = entry.lastSeen;
        entry.waitStart = null;
      }
    }

    /** It asks no longer. Further calls do nothing. */
    public void end() {
      synchronized (WorkerRegistry.this) {
        if (!over) {
          over = true;
          Entry entry = see(tenantId, name);
          entry.waiting = Math.max(0, entry.waiting - (waits ? 1 : 0));
        }
      }
    }
  }

  /**
   * A worker asks for jobs.
   *
   * @param capacity how many jobs it can run at once; 0: it does not say
   * @param waits whether it waits if there are none
   */
  public synchronized Ask ask(
      Caller caller, String workerId, ClaimQuery query, int capacity, boolean waits) {
    // How many jobs it has room for changes from call to call.
    Name name = new Name(caller.userId(), workerId, query.atMost(1));
    Ask ask = new Ask(query.tenantId(), name, waits);
    Entry entry = find(query.tenantId(), name);
    boolean isNew = entry == null || entry.lastSeen.plus(MAX_GAP).isBefore(clock.instant());
    Entry seen = see(query.tenantId(), name);
    seen.capacity = capacity;
    if (waits) {
      seen.waiting++;
      if (isNew || seen.waitStart == null) {
        seen.waitStart = seen.lastSeen;
      }
    }
    return ask;
  }

  private @Nullable Entry find(String tenantId, Name name) {
    LinkedHashMap<Name, Entry> tenant = byTenant.get(tenantId);
    return tenant == null ? null : tenant.get(name);
  }

  private Entry see(String tenantId, Name name) {
    Instant now = clock.instant();
    changed.add(tenantId);
    LinkedHashMap<Name, Entry> tenant =
        byTenant.computeIfAbsent(tenantId, unused -> new LinkedHashMap<>());
    Entry known = tenant.remove(name);
    if (known != null) {
      known.lastSeen = now;
      tenant.put(name, known);
      return known;
    }
    Entry entry = new Entry(now);
    tenant.put(name, entry);
    workers++;
    typeChars += typeChars(name);
    while (workers > 1 && (workers > MAX_WORKERS || typeChars > MAX_TYPE_CHARS)) {
      dropOne(name);
    }
    return entry;
  }

  private static long typeChars(Name name) {
    return name.query().types().stream().mapToLong(String::length).sum();
  }

  /** Forgets the worker of the largest tenant that was not seen longest, but not this one. */
  private void dropOne(Name kept) {
    Map.Entry<String, LinkedHashMap<Name, Entry>> largest =
        byTenant.entrySet().stream()
            .max(Comparator.comparingInt(tenant -> tenant.getValue().size()))
            .orElseThrow();
    Iterator<Name> oldestFirst = largest.getValue().keySet().iterator();
    Name oldest = oldestFirst.next();
    if (oldest.equals(kept) && oldestFirst.hasNext()) {
      oldest = oldestFirst.next();
    }
    oldestFirst.remove();
    forgotten(largest.getKey(), oldest);
  }

  private void forgotten(String tenantId, Name name) {
    workers--;
    typeChars -= typeChars(name);
    changed.add(tenantId);
    byTenant.computeIfPresent(tenantId, (id, tenant) -> tenant.isEmpty() ? null : tenant);
  }

  /** Returns the workers of a tenant; of all tenants if it is empty. */
  public synchronized List<KnownWorker> workers(String tenantId) {
    List<String> tenants = tenantId.isEmpty() ? List.copyOf(byTenant.keySet()) : List.of(tenantId);
    List<KnownWorker> known = new ArrayList<>();
    for (String tenant : tenants) {
      forgetOld(tenant);
      byTenant
          .getOrDefault(tenant, new LinkedHashMap<>())
          .forEach((name, entry) -> known.add(known(tenant, name, entry)));
    }
    return known;
  }

  private void forgetOld(String tenantId) {
    LinkedHashMap<Name, Entry> tenant = byTenant.get(tenantId);
    if (tenant == null) {
      return;
    }
    Instant oldest = clock.instant().minus(TTL);
    for (Name name : List.copyOf(tenant.keySet())) {
      Entry entry = tenant.get(name);
      if (entry == null || entry.waiting > 0 || entry.lastSeen.isAfter(oldest)) {
        return;
      }
      tenant.remove(name);
      forgotten(tenantId, name);
    }
  }

  private KnownWorker known(String tenantId, Name name, Entry entry) {
    boolean waits = entry.waiting > 0;
    KnownWorker.Builder known =
        KnownWorker.newBuilder()
            .setTenantId(tenantId)
            .setWorkerId(name.workerId())
            .setUserId(name.userId())
            .addAllScopes(new TreeSet<>(name.query().scopes()))
            .setMinPriority(name.query().minPriority())
            .setMaxPriority(name.query().maxPriority())
            .setCapacity(entry.capacity)
            .setWaiting(waits)
            .setServer(server.get())
            .setLastSeenTime(Times.timestamp(waits ? clock.instant() : entry.lastSeen));
    int chars = 0;
    for (String type : new TreeSet<>(name.query().types())) {
      chars += type.length();
      if (chars > MAX_SHOWN_CHARS) {
        known.setOmittedTypes(known.getOmittedTypes() + 1);
      } else {
        known.addTypes(type);
      }
    }
    if (waits && entry.waitStart != null) {
      known.setWaitStartTime(Times.timestamp(entry.waitStart));
    }
    if (entry.lastClaim != null) {
      known.setLastClaimTime(Times.timestamp(entry.lastClaim));
    }
    return known.build();
  }

  /** Returns tenants of which something has changed since they were last returned, some of many. */
  synchronized List<String> takeChanged(int limit) {
    List<String> taken = new ArrayList<>();
    while (taken.size() < limit && !changed.isEmpty()) {
      taken.add(changed.pollFirst());
    }
    return taken;
  }

  /** Something of a tenant has yet to be taken again. */
  synchronized void putBack(List<String> tenants) {
    changed.addAll(tenants);
  }
}
