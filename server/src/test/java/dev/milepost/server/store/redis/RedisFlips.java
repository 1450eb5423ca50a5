package dev.milepost.server.store.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** Flips a bit of something in a shard, and takes that back. */
final class RedisFlips {
  /** What changes by itself, or is of no use after its server has stopped. */
  private static final List<String> TRANSIENT = List.of("commits", "last:", "held:");

  private final Redis redis;
  private final RedisShard shard;
  private final Random random;
  private final List<String> keys = new ArrayList<>();
  private String flipped = "";
  private byte[] before = new byte[0];

  RedisFlips(Redis redis, RedisShard shard, Random random) {
    this.redis = redis;
    this.shard = shard;
    this.random = random;
    String prefix = shard.base().substring(0, shard.base().indexOf(":{"));
    new RedisKeys(redis, new RedisShards(prefix, 1), prefix)
        .each(
            (of, names) ->
                names.stream()
                    .filter(name -> TRANSIENT.stream().noneMatch(name::startsWith))
                    .forEach(name -> keys.add(of.base() + name)));
    keys.sort(null);
  }

  private Object read(Object... command) {
    return redis.await(redis.read(shard, new RedisArguments().command(command))).get(0);
  }

  /** Flips a bit somewhere. Returns where. */
  String flip() {
    while (true) {
      flipped = keys.get(random.nextInt(keys.size()));
      before = (byte[]) read("DUMP", flipped);
      String type = redis.await(redis.commands().type(flipped));
      String where =
          switch (type) {
            case "hash" -> hash();
            case "stream" -> stream();
            case "zset" -> sortedSet();
            case "set" -> set();
            default -> string();
          };
      if (!where.isEmpty()) {
        return flipped + ", " + where;
      }
      restore();
    }
  }

  /** Takes the last flip back. */
  void restore() {
    read("RESTORE", flipped, 0, before, "REPLACE");
  }

  private byte[] flipped(Object value) {
    byte[] bytes = ((byte[]) value).clone();
    int bit = random.nextInt(8 * bytes.length);
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    return bytes;
  }

  private String hash() {
    List<?> fields = (List<?>) read("HGETALL", flipped);
    int field = 2 * random.nextInt(fields.size() / 2);
    String name = RedisSnapshot.text(fields.get(field));
    boolean isOfCounts =
        flipped.startsWith(shard.base() + "counts:")
            || flipped.startsWith(shard.base() + "totals:");
    if (isOfCounts && name.startsWith("b")) {
      // The sizes that counts have are not compared: averages are subtracted from them.
      return "";
    }
    read("HSET", flipped, fields.get(field), flipped(fields.get(field + 1)));
    return "field " + name;
  }

  private String string() {
    read("SET", flipped, flipped(read("GET", flipped)));
    return "value";
  }

  /** An entry of a stream cannot be changed: the stream is made again. */
  private String stream() {
    List<?> entries = (List<?>) read("XRANGE", flipped, "-", "+");
    int damaged = random.nextInt(entries.size());
    boolean isChanges = flipped.equals(shard.changes());
    String where = "";
    RedisArguments again = new RedisArguments().command("DEL", flipped);
    for (int i = 0; i < entries.size(); i++) {
      List<Object> fields = new ArrayList<>(RedisStreamEntry.fields(entries.get(i)));
      // The first value of a change is the server.
      int value = isChanges ? 3 : 1;
      if (i == damaged
          && fields.size() > value
          && ((byte[]) Objects.requireNonNull(fields.get(value))).length > 0) {
        fields.set(value, flipped(fields.get(value)));
        where = "entry " + RedisStreamEntry.id(entries.get(i));
      }
      List<Object> command = new ArrayList<>(List.of("XADD", flipped));
      command.add(RedisStreamEntry.id(entries.get(i)));
      command.addAll(fields);
      again.command(command.toArray());
    }
    if (!where.isEmpty()) {
      redis.await(redis.read(shard, again));
    }
    return where;
  }

  private String sortedSet() {
    List<?> members = (List<?>) read("ZRANGE", flipped, 0, -1, "WITHSCORES");
    int index = 2 * random.nextInt(members.size() / 2);
    Object member = members.get(index);
    long score = RedisListSources.score(members.get(index + 1));
    if (random.nextBoolean()) {
      long other = score ^ (1L << random.nextInt(40));
      if (flipped.equals(shard.wake()) && other > score) {
        // It looks like a job that was postponed.
        return "";
      }
      read("ZADD", flipped, other, member);
      return "score of " + RedisSnapshot.text(member);
    }
    byte[] other = flipped(member);
    read("ZREM", flipped, member);
    read("ZADD", flipped, score, other);
    return "member " + new String(other, StandardCharsets.ISO_8859_1);
  }

  private String set() {
    List<?> members = (List<?>) read("SMEMBERS", flipped);
    Object member = members.get(random.nextInt(members.size()));
    read("SREM", flipped, member);
    read("SADD", flipped, flipped(member));
    return "member " + RedisSnapshot.text(member);
  }
}
