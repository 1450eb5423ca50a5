package dev.milepost.server.store.redis;

import com.google.protobuf.ByteString;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.ServerRecord;
import dev.milepost.server.store.ServerRecords;
import dev.milepost.server.store.StoreClock;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What servers keep beside the jobs, in the first shard. A value follows the 8 bytes of the time
 * when it expires, with a checksum of both; one that is damaged is left out. Thread-safe.
 */
final class RedisRecords implements ServerRecords {
  /** Values that one command reads: 3 MiB at most. */
  private static final int READ_VALUES = 100;

  private final Redis redis;
  private final RedisShard shard;
  private final StoreClock clock;

  RedisRecords(Redis redis, RedisShards shards, StoreClock clock) {
    this.redis = redis;
    this.shard = shards.all().get(0);
    this.clock = clock;
  }

  @Override
  public CompletionStage<Boolean> write(RecordWrite write) {
    long now = micros(clock.instant());
    long expires = now + write.ttl().toNanos() / 1_000;
    RedisArguments args =
        new RedisArguments()
            .add(now, expires, MAX_RECORDS, write.removed().size())
            .add(List.copyOf(write.removed()));
    String kind = write.kind().storedName();
    write
        .values()
        .forEach(
            (key, value) ->
                args.add(
                    key,
                    RedisCells.serverRecord(kind, key)
                        .encode(
                            ByteBuffer.allocate(Long.BYTES + value.size())
                                .putLong(expires)
                                .put(value.asReadOnlyByteBuffer())
                                .array())));
    return redis
        .number(
            RedisScript.RECORDS, new String[] {shard.records(kind), shard.recordExpiry(kind)}, args)
        .thenApply(kept -> true);
  }

  @Override
  public CompletionStage<List<ServerRecord>> list(RecordKind kind, String prefix) {
    return redis
        .read(shard, new RedisArguments().command("HKEYS", shard.records(kind.storedName())))
        .thenCompose(
            replies ->
                values(
                    kind.storedName(),
                    ((List<?>) replies.get(0))
                        .stream()
                            .map(RedisSnapshot::text)
                            .filter(key -> key.startsWith(prefix))
                            .sorted()
                            .toList(),
                    new ArrayList<>()));
  }

  /** Reads the values of keys, some at a time, behind those that were read. */
  private CompletionStage<List<ServerRecord>> values(
      String kind, List<String> keys, List<ServerRecord> read) {
    if (keys.isEmpty()) {
      return CompletableFuture.completedStage(read);
    }
    List<String> some = keys.subList(0, Math.min(READ_VALUES, keys.size()));
    List<Object> command = new ArrayList<>(List.of("HMGET", shard.records(kind)));
    command.addAll(some);
    return redis
        .read(shard, new RedisArguments().command(command.toArray()))
        .thenCompose(
            replies -> {
              long now = micros(clock.instant());
              List<?> values = (List<?>) replies.get(0);
              for (int i = 0; i < some.size(); i++) {
                byte[] value =
                    values.get(i) instanceof byte[] stored
                        ? RedisCells.serverRecord(kind, some.get(i)).bytes(stored)
                        : null;
                if (value != null && value.length >= Long.BYTES) {
                  add(some.get(i), value, now, read);
                }
              }
              return values(kind, keys.subList(some.size(), keys.size()), read);
            });
  }

  private static void add(String key, byte[] value, long now, List<ServerRecord> to) {
    long expires = ByteBuffer.wrap(value).getLong();
    if (expires > now) {
      to.add(
          new ServerRecord(
              key,
              ByteString.copyFrom(value, Long.BYTES, value.length - Long.BYTES),
              Instant.EPOCH.plus(expires, ChronoUnit.MICROS)));
    }
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
