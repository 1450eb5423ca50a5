package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.engine.CheckedCell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes a store one as the version before checksums left it, which no server has open. */
final class LayoutTwo {
  private static final String[][] RENAMED = {
    {"runs:", "journal:"},
    {"item:", "items:"},
    {"once:", "request:"},
    {"server-records:", "records:"}
  };

  private LayoutTwo() {}

  /** Removes all checksums, and gives everything its former name. */
  static void make(String url, int shards) {
    RedisUrl parsed = RedisUrl.of(url);
    new RedisDamage(url, shards)
        .run(
            StoreHarness.key("any"),
            (redis, shard) -> {
              RedisShards all = new RedisShards(parsed.prefix(), shards);
              new RedisKeys(redis, all, parsed.prefix())
                  .each((of, names) -> names.forEach(name -> remake(redis, of, name)));
              String store = parsed.prefix() + ":store";
              redis.await(redis.commands().hset(store, "layout", RedisArguments.bytes("2")));
              redis.await(redis.commands().hset(store, "indexed", RedisArguments.bytes("1")));
            });
  }

  private static void remake(Redis redis, RedisShard shard, String name) {
    String key = shard.base() + name;
    if (name.startsWith("job:")) {
      RedisArguments job = new RedisArguments().command("HDEL", key, "record", "text");
      List<?> fields = (List<?>) read(redis, shard, "HMGET", key, "record", "spec", "fixed").get(0);
      job.command("HSET", key, "status", bare(fields.get(0)));
      job.command("HSET", key, "spec", bare(fields.get(1)));
      job.command("HSET", key, "fixed", bare(fields.get(2)));
      redis.await(redis.read(shard, job));
    }
    if (key.equals(shard.changes())) {
      changes(redis, shard);
    }
    for (String[] names : RENAMED) {
      if (name.startsWith(names[0])) {
        String former = shard.base() + names[1] + name.substring(names[0].length());
        rename(redis, shard, key, former);
        redis.await(redis.commands().del(key));
      }
    }
  }

  private static void changes(Redis redis, RedisShard shard) {
    RedisArguments made = new RedisArguments().command("DEL", shard.changes());
    for (Object commit : (List<?>) read(redis, shard, "XRANGE", shard.changes(), "-", "+").get(0)) {
      List<Object> command =
          new ArrayList<>(List.of("XADD", shard.changes(), RedisStreamEntry.id(commit)));
      List<?> fields = RedisStreamEntry.fields(commit);
      for (int i = 0; i < fields.size(); i++) {
        boolean isBefore = i > 2 && i % 2 == 1 && ((byte[]) fields.get(i)).length > 0;
        command.add(isBefore ? bare(fields.get(i)) : fields.get(i));
      }
      made.command(command.toArray());
    }
    redis.await(redis.read(shard, made));
  }

  private static void rename(Redis redis, RedisShard shard, String key, String former) {
    RedisArguments made = new RedisArguments();
    String type = redis.await(redis.commands().type(key));
    switch (type) {
      case "stream" -> {
        for (Object run : (List<?>) read(redis, shard, "XRANGE", key, "-", "+").get(0)) {
          Object chunk = RedisStreamEntry.fields(run).get(1);
          made.command("XADD", former, RedisStreamEntry.id(run), "run", bare(chunk));
        }
      }
      case "hash" -> {
        List<?> fields = (List<?>) read(redis, shard, "HGETALL", key).get(0);
        for (int i = 0; i < fields.size(); i += 2) {
          made.command("HSET", former, fields.get(i), bare(fields.get(i + 1)));
        }
      }
      default -> {
        Object left = read(redis, shard, "PTTL", key).get(0);
        Object value = read(redis, shard, "GET", key).get(0);
        made.command("SET", former, bare(value), "PX", left);
      }
    }
    redis.await(redis.read(shard, made));
  }

  private static List<Object> read(Redis redis, RedisShard shard, Object... command) {
    return redis.await(redis.read(shard, new RedisArguments().command(command)));
  }

  private static byte[] bare(Object value) {
    byte[] bytes = (byte[]) value;
    return Arrays.copyOf(bytes, bytes.length - CheckedCell.CHECKSUM_BYTES);
  }
}
