package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/**
 * How tenants are distributed: a single Redis has one shard, a cluster has many. Their number is
 * fixed when the store is created.
 */
final class RedisShards {
  private final List<RedisShard> all;

  RedisShards(String prefix, int count) {
    this.all = IntStream.range(0, count).mapToObj(number -> RedisShard.of(prefix, number)).toList();
  }

  List<RedisShard> all() {
    return all;
  }

  /** Returns the shard of a tenant. */
  RedisShard of(String tenantId) {
    if (all.size() == 1) {
      return all.get(0);
    }
    CRC32 crc = new CRC32();
    crc.update(tenantId.getBytes(StandardCharsets.UTF_8));
    return all.get((int) (crc.getValue() % all.size()));
  }

  /** Returns the shard that has a key; empty if it is none of this store. */
  Optional<RedisShard> ofKey(String key) {
    int open = key.indexOf('{');
    int close = key.indexOf('}', open + 1);
    if (open < 0 || close < 0) {
      return Optional.empty();
    }
    String digits = key.substring(open + 1, close);
    return all.stream()
        .filter(shard -> digits.equals(Integer.toString(shard.number())))
        .filter(shard -> key.startsWith(shard.base()))
        .findFirst();
  }

  /** Groups jobs by shard. */
  Map<RedisShard, List<JobKey>> split(Collection<JobKey> keys) {
    Map<RedisShard, List<JobKey>> split = new LinkedHashMap<>();
    for (JobKey key : keys) {
      split.computeIfAbsent(of(key.tenantId()), shard -> new ArrayList<>()).add(key);
    }
    return split;
  }
}
