package dev.milepost.server.store.memory;

import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.ServerRecord;
import dev.milepost.server.store.ServerRecords;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Records of this server, in memory. Thread-safe. */
final class MemoryRecords implements ServerRecords {
  private static final Comparator<ServerRecord> SOONEST_FIRST =
      Comparator.comparing(ServerRecord::expireTime).thenComparing(ServerRecord::key);

  private final InstantSource clock;

  /** Guarded by this. */
  private final Map<RecordKind, NavigableMap<String, ServerRecord>> kept =
      new EnumMap<>(RecordKind.class);

  MemoryRecords(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public synchronized CompletionStage<Boolean> write(RecordWrite write) {
    NavigableMap<String, ServerRecord> records = of(write.kind());
    Instant now = clock.instant();
    records.values().removeIf(record -> !record.expireTime().isAfter(now));
    write.removed().forEach(records::remove);
    Instant expireTime = now.plus(write.ttl());
    write
        .values()
        .forEach((key, value) -> records.put(key, new ServerRecord(key, value, expireTime)));
    records.values().stream()
        .sorted(SOONEST_FIRST)
        .limit(Math.max(0, records.size() - MAX_RECORDS))
        .toList()
        .forEach(record -> records.remove(record.key()));
    return CompletableFuture.completedStage(true);
  }

  @Override
  public synchronized CompletionStage<List<ServerRecord>> list(RecordKind kind, String prefix) {
    Instant now = clock.instant();
    return CompletableFuture.completedStage(
        of(kind).tailMap(prefix, true).values().stream()
            .takeWhile(record -> record.key().startsWith(prefix))
            .filter(record -> record.expireTime().isAfter(now))
            .toList());
  }

  private NavigableMap<String, ServerRecord> of(RecordKind kind) {
    return kept.computeIfAbsent(kind, unused -> new TreeMap<>());
  }
}
