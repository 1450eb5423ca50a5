package dev.milepost.server.workers;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.RecordChanges;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.ServerRecord;
import dev.milepost.server.store.ServerRecords;
import dev.milepost.storage.v1.KnownWorker;
import dev.milepost.storage.v1.WorkerList;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the workers that this server knows on to other servers, and to the next run of this one:
 * as records of the store, some per tenant, that are written again when something has changed.
 * Thread-safe.
 */
public final class WorkerRecords {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRecords.class);

  /** Tenants that one write is about, so that it stays short. */
  private static final int TENANTS_PER_WRITE = 50;

  /** Maximum number of records of one tenant: enough for more workers than are known. */
  private static final int MAX_RECORDS_PER_TENANT = RecordWrite.MAX_KEYS / 4;

  /** A call for jobs waits a minute at most, and the record is written again when it ends. */
  private static final Duration MAX_AGE_OF_WAIT = Duration.ofSeconds(75);

  /** Room that is left for the time of a record. */
  private static final int MAX_LIST_BYTES = ServerRecords.MAX_VALUE_BYTES - 64;

  private final JobStore store;
  private final WorkerRegistry registry;
  private final String run;
  private final RecordChanges<List<String>> changes;

  /** How many records of each tenant were written last. Guarded by this. */
  private final Map<String, Integer> written = new HashMap<>();

  /**
   * Records of a registry.
   *
   * @param run identifies this run of this server; no space
   */
  public WorkerRecords(JobStore store, WorkerRegistry registry, String run) {
    this.store = store;
    this.registry = registry;
    this.run = run;
    this.changes =
        new RecordChanges<>(
            "workers",
            () -> registry.takeChanged(TENANTS_PER_WRITE),
            this::store,
            registry::putBack);
  }

  /**
   * Writes what has changed, unless the last write is not finished. Does not wait.
   *
   * @return completes with whether everything that there was to write is written; does not fail
   */
  public CompletionStage<Boolean> write() {
    return changes.write();
  }

  private CompletionStage<Boolean> store(List<String> tenants) {
    SortedMap<String, ByteString> values = new TreeMap<>();
    List<String> removed = new ArrayList<>();
    Map<String, Integer> now = new HashMap<>();
    for (String tenant : tenants) {
      if (values.size() + removed.size() > RecordWrite.MAX_KEYS / 2) {
        registry.putBack(tenants.subList(now.size(), tenants.size()));
        break;
      }
      List<ByteString> lists = lists(registry.workers(tenant));
      int fitting = Math.min(lists.size(), MAX_RECORDS_PER_TENANT);
      for (int i = 0; i < fitting; i++) {
        values.put(key(tenant, i), lists.get(i));
      }
      for (int i = fitting; i < before(tenant); i++) {
        removed.add(key(tenant, i));
      }
      now.put(tenant, fitting);
    }
    if (values.isEmpty() && removed.isEmpty()) {
      return CompletableFuture.completedStage(true);
    }
    return store
        .records()
        .write(RecordWrite.of(RecordKind.WORKERS, values, Set.copyOf(removed), WorkerRegistry.TTL))
        .thenApply(
            done -> {
              noteWritten(now);
              return done;
            });
  }

  private synchronized int before(String tenant) {
    return written.getOrDefault(tenant, 0);
  }

  private synchronized void noteWritten(Map<String, Integer> now) {
    now.forEach(
        (tenant, records) -> {
          if (records == 0) {
            written.remove(tenant);
          } else {
            written.put(tenant, records);
          }
        });
  }

  private String key(String tenant, int number) {
    return tenant + ' ' + run + ' ' + number;
  }

  /** Distributes workers over as many lists as they need, those seen last first. */
  private List<ByteString> lists(List<KnownWorker> workers) {
    List<ByteString> lists = new ArrayList<>();
    WorkerList.Builder list = WorkerList.newBuilder();
    int bytes = 0;
    for (int i = workers.size() - 1; i >= 0; i--) {
      KnownWorker worker = workers.get(i).toBuilder().clearTenantId().build();
      int size = worker.getSerializedSize() + 4;
      if (bytes + size > MAX_LIST_BYTES) {
        lists.add(finished(list));
        list = WorkerList.newBuilder();
        bytes = 0;
      }
      list.addWorkers(worker);
      bytes += size;
    }
    if (list.getWorkersCount() > 0) {
      lists.add(finished(list));
    }
    return lists;
  }

  private ByteString finished(WorkerList.Builder list) {
    return list.setWriteTime(Times.timestamp(store.clock().instant())).build().toByteString();
  }

  /**
   * Returns the workers that any server knows, each once, as it was seen last.
   *
   * @param tenantId tenant; empty: all
   */
  public CompletionStage<Collection<KnownWorker>> workers(String tenantId) {
    String prefix = tenantId.isEmpty() ? "" : tenantId + ' ';
    return store
        .records()
        .list(RecordKind.WORKERS, prefix)
        .thenApply(
            records ->
                merged(
                    Stream.concat(
                        registry.workers(tenantId).stream(),
                        records.stream()
                            .filter(record -> !isOwn(record))
                            .flatMap(record -> read(record).stream()))));
  }

  private boolean isOwn(ServerRecord record) {
    String[] parts = record.key().split(" ", 3);
    return parts.length == 3 && parts[1].equals(run);
  }

  private List<KnownWorker> read(ServerRecord record) {
    WorkerList list;
    try {
      list = WorkerList.parseFrom(record.value());
    } catch (InvalidProtocolBufferException e) {
      LOG.debug("A record of workers cannot be read.", e);
      return List.of();
    }
    String tenant = record.key().substring(0, record.key().indexOf(' '));
    Instant now = store.clock().instant();
    boolean isFresh = now.isBefore(Times.instant(list.getWriteTime()).plus(MAX_AGE_OF_WAIT));
    List<KnownWorker> workers = new ArrayList<>();
    for (KnownWorker worker : list.getWorkersList()) {
      if (Times.instant(worker.getLastSeenTime()).plus(WorkerRegistry.TTL).isAfter(now)) {
        KnownWorker.Builder known = worker.toBuilder().setTenantId(tenant);
        if (!isFresh) {
          known.clearWaiting().clearWaitStartTime();
        }
        workers.add(known.build());
      }
    }
    return workers;
  }

  /** Keeps each worker once, and the maximum number of those seen last. */
  private static Collection<KnownWorker> merged(Stream<KnownWorker> workers) {
    Map<KnownWorker, KnownWorker> byName = new HashMap<>();
    workers.forEach(worker -> byName.merge(name(worker), worker, WorkerRecords::merged));
    if (byName.size() <= WorkerRegistry.MAX_WORKERS) {
      return byName.values();
    }
    return byName.values().stream()
        .sorted(KnownWorkers.SEEN_LAST_FIRST)
        .limit(WorkerRegistry.MAX_WORKERS)
        .toList();
  }

  /** Returns what tells a worker from others. */
  private static KnownWorker name(KnownWorker worker) {
    return worker.toBuilder()
        .clearWaiting()
        .clearWaitStartTime()
        .clearLastSeenTime()
        .clearLastClaimTime()
        .clearServer()
        .clearCapacity()
        .build();
  }

  private static KnownWorker merged(KnownWorker one, KnownWorker other) {
    boolean isNewer =
        one.getWaiting() == other.getWaiting()
            ? KnownWorkers.SEEN_LAST_FIRST.compare(one, other) <= 0
            : one.getWaiting();
    KnownWorker newer = isNewer ? one : other;
    KnownWorker older = isNewer ? other : one;
    if (!older.hasLastClaimTime()
        || (newer.hasLastClaimTime()
            && Times.micros(newer.getLastClaimTime()) >= Times.micros(older.getLastClaimTime()))) {
      return newer;
    }
    return newer.toBuilder().setLastClaimTime(older.getLastClaimTime()).build();
  }
}
