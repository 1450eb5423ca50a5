package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.engine.CheckedCell;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds checksums to what layout 2 has written. It goes through all keys, and each step is a short
 * script that replaces some values by checked ones under new names. So what remains to be done is
 * what has a former name: it can be interrupted at any time and begun again, and several servers
 * may do it at once. Blocks; used by one thread, before the store is used.
 */
final class RedisChecksumUpgrade {
  /** Former names of keys and of a field. */
  private static final String JOBS = "job:";

  private static final String JOURNALS = "journal:";
  private static final String ITEMS = "items:";
  private static final String REQUESTS = "request:";
  private static final String SERVER_RECORDS = "records:";
  private static final String STATUS = "status";

  /** Bytes after which values are sent, or no more are read, if these can be counted. */
  private static final int STEP_BYTES = 1 << 20;

  /** Journals or items of so many jobs are read together. */
  private static final int COLLECTIONS = 16;

  /** So many runs or items of each of them. */
  private static final int PARTS = 16;

  /** Keys after which the log has a line. */
  private static final int REPORTED_KEYS = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(RedisChecksumUpgrade.class);

  private final Redis redis;
  private final RedisShards shards;
  private final RedisKeys keys;
  private long seen;
  private long reported;

  RedisChecksumUpgrade(Redis redis, RedisShards shards, String prefix) {
    this.redis = redis;
    this.shards = shards;
    this.keys = new RedisKeys(redis, shards, prefix);
  }

  /** Values to replace by checked ones, sent when they are many. */
  private final class Step {
    private final RedisShard shard;
    private RedisArguments args = new RedisArguments();
    private int bytes;

    Step(RedisShard shard) {
      this.shard = shard;
    }

    void add(String kind, String from, String to, String name, byte[] value) {
      args.add(kind, from, to, name, value);
      bytes += value.length;
    }

    void sendIfLarge() {
      if (bytes >= STEP_BYTES) {
        send();
      }
    }

    void send() {
      if (!args.isEmpty()) {
        redis.await(redis.number(RedisScript.CHECKSUMS, new String[] {shard.base()}, args));
        args = new RedisArguments();
        bytes = 0;
      }
    }
  }

  /**
   * Runs to its end.
   *
   * @throws io.lettuce.core.RedisException if Redis cannot be reached
   */
  void run() {
    LOG.info("Adding checksums to the jobs of an earlier version. The server starts afterwards.");
    for (RedisShard shard : shards.all()) {
      // What it says is of no use to a server that starts.
      redis.await(redis.commands().xtrim(shard.changes(), 0));
    }
    keys.each(this::take);
    LOG.info("All values have checksums.");
  }

  private void take(RedisShard shard, List<String> names) {
    Step step = new Step(shard);
    jobs(step, of(JOBS, names));
    requests(step, of(REQUESTS, names));
    journals(step, of(JOURNALS, names));
    for (String member : of(ITEMS, names)) {
      JobKey key = RedisShard.keyIfValid(member);
      if (key != null) {
        fields(step, ITEMS + member, shard.items(key), id -> RedisCells.item(key, id));
      }
    }
    for (String kind : of(SERVER_RECORDS, names)) {
      fields(
          step,
          SERVER_RECORDS + kind,
          shard.records(kind),
          key -> RedisCells.serverRecord(kind, key));
    }
    step.send();
    seen += names.size();
    if (seen - reported >= REPORTED_KEYS) {
      reported = seen;
      LOG.info("Adding checksums: went through {} keys.", seen);
    }
  }

  /** Returns the rest of the names that have a prefix. */
  private static List<String> of(String prefix, List<String> names) {
    return names.stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .toList();
  }

  private void jobs(Step step, List<String> members) {
    List<JobKey> left = new ArrayList<>();
    for (String member : members) {
      JobKey key = RedisShard.keyIfValid(member);
      if (key != null) {
        left.add(key);
      }
    }
    int next = 0;
    while (next < left.size()) {
      RedisArguments args = new RedisArguments();
      for (JobKey key : left.subList(next, left.size())) {
        args.command(
            "HMGET",
            step.shard.job(key),
            RedisStoredJob.NUMBER,
            STATUS,
            RedisStoredJob.SPEC,
            RedisStoredJob.FIXED);
      }
      List<Object> replies = redis.await(redis.read(step.shard, args, STEP_BYTES));
      for (Object reply : replies) {
        job(step, left.get(next++), reply);
      }
      step.send();
    }
  }

  private static void job(Step step, JobKey key, @Nullable Object reply) {
    if (!(reply instanceof List<?> fields) || !(fields.get(1) instanceof byte[] record)) {
      return;
    }
    String hash = step.shard.job(key);
    long number = RedisStoredJob.number(fields.get(0));
    if (fields.get(2) instanceof byte[] spec) {
      byte[] value = RedisCells.spec(key, number).encode(spec);
      step.add("job", hash, RedisStoredJob.SPEC, RedisStoredJob.SPEC, value);
    }
    if (fields.get(3) instanceof byte[] fixed) {
      byte[] value = RedisCells.fixed(key, number).encode(fixed);
      step.add("job", hash, RedisStoredJob.FIXED, RedisStoredJob.FIXED, value);
    }
    byte[] value = RedisCells.record(key, number).encode(record);
    step.add("job", hash, STATUS, RedisStoredJob.RECORD, value);
  }

  private void requests(Step step, List<String> digests) {
    int next = 0;
    while (next < digests.size()) {
      RedisArguments args = new RedisArguments();
      for (String digest : digests.subList(next, digests.size())) {
        args.command("GET", step.shard.base() + REQUESTS + digest);
      }
      for (Object reply : redis.await(redis.read(step.shard, args, STEP_BYTES))) {
        String digest = digests.get(next++);
        if (reply instanceof byte[] request) {
          step.add(
              "string",
              step.shard.base() + REQUESTS + digest,
              step.shard.request(digest),
              "",
              RedisCells.request(digest).encode(request));
        }
      }
      step.send();
    }
  }

  /** Moves the runs of journals in their order, since a stream can only be added to. */
  private void journals(Step step, List<String> members) {
    Deque<String> left = new ArrayDeque<>(members);
    while (!left.isEmpty()) {
      List<String> some = new ArrayList<>();
      RedisArguments args = new RedisArguments();
      while (!left.isEmpty() && some.size() < COLLECTIONS) {
        String member = left.remove();
        some.add(member);
        args.command("XRANGE", step.shard.base() + JOURNALS + member, "-", "+", "COUNT", PARTS);
      }
      List<Object> replies = redis.await(redis.read(step.shard, args));
      for (int i = 0; i < some.size(); i++) {
        JobKey key = RedisShard.keyIfValid(some.get(i));
        if (key != null && replies.get(i) instanceof List<?> runs) {
          runs(step, JOURNALS + some.get(i), key, runs);
          if (runs.size() == PARTS) {
            left.add(some.get(i));
          }
        }
      }
      step.send();
    }
  }

  private void runs(Step step, String name, JobKey key, List<?> runs) {
    String from = step.shard.base() + name;
    if (runs.isEmpty()) {
      // A stream whose runs were all freed, which nothing is added to any more.
      redis.await(redis.commands().del(from));
    }
    for (Object run : runs) {
      if (RedisStreamEntry.fields(run).get(1) instanceof byte[] chunk) {
        byte[] value = RedisCells.run(key, RedisStreamEntry.number(run)).encode(chunk);
        step.add("run", from, step.shard.journal(key), RedisStreamEntry.id(run), value);
      }
    }
  }

  /** The place of a hash's field. */
  private interface Cells {
    CheckedCell of(String field);
  }

  private void fields(Step step, String name, String to, Cells cells) {
    String from = step.shard.base() + name;
    String cursor = "0";
    do {
      RedisArguments args = new RedisArguments().command("HSCAN", from, cursor, "COUNT", PARTS);
      if (!(redis.await(redis.read(step.shard, args)).get(0) instanceof List<?> reply)) {
        return;
      }
      cursor = RedisSnapshot.text(reply.get(0));
      List<?> fields = (List<?>) reply.get(1);
      for (int i = 0; i < fields.size(); i += 2) {
        String field = RedisSnapshot.text(fields.get(i));
        if (fields.get(i + 1) instanceof byte[] value) {
          step.add("field", from, to, field, cells.of(field).encode(value));
        }
        step.sendIfLarge();
      }
    } while (!cursor.equals("0"));
  }
}
