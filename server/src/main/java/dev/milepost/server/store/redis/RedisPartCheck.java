package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.storage.v1.RequestRecord;
import dev.milepost.v1.Item;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks what is not in a job's own hash: journals, items, requests, records of servers, and what
 * servers notify each other of. Blocks; used by one thread.
 */
final class RedisPartCheck {
  /** Runs, items or records that are read together. */
  private static final int STEP = 32;

  private final Redis redis;
  private final RedisFindings findings;

  RedisPartCheck(Redis redis, RedisFindings findings) {
    this.redis = redis;
    this.findings = findings;
  }

  private List<Object> read(RedisShard shard, RedisArguments args) {
    return redis.await(redis.read(shard, args));
  }

  private static boolean isPresent(@Nullable Object reply) {
    return Objects.equals(reply, 1L);
  }

  /** Checks the runs of a journal. */
  void journal(RedisShard shard, JobKey key) {
    String from = "-";
    while (true) {
      RedisArguments args =
          new RedisArguments()
              .command("EXISTS", shard.job(key))
              .command("XRANGE", shard.journal(key), from, "+", "COUNT", STEP);
      List<Object> replies = read(shard, args);
      if (!(replies.get(1) instanceof List<?> runs)) {
        findings.found(key, ": its journal cannot be read.");
        return;
      }
      if (!runs.isEmpty() && !isPresent(replies.get(0))) {
        findings.found(key, " does not exist, but has a journal.");
      }
      for (Object run : runs) {
        if (RedisStreamEntry.chunk(key, run) == null) {
          findings.found(
              "The journal entries up to %d of job %s of tenant %s are damaged."
                  .formatted(RedisStreamEntry.number(run), key.jobId(), key.tenantId()));
        }
      }
      findings.addRuns(runs.size());
      if (runs.size() < STEP) {
        return;
      }
      from = "(" + RedisStreamEntry.id(runs.get(runs.size() - 1));
    }
  }

  /** Checks the items of a job, and that each of them is in the index of its items. */
  void items(RedisShard shard, JobKey key) {
    RedisArguments sizes =
        new RedisArguments()
            .command("EXISTS", shard.job(key))
            .command("HLEN", shard.items(key))
            .command("ZCARD", shard.itemIds(key));
    List<Object> found = read(shard, sizes);
    if (Objects.equals(found.get(1), 0L)) {
      return;
    }
    if (!isPresent(found.get(0))) {
      findings.found(key, " does not exist, but has items.");
    }
    if (!Objects.equals(found.get(1), found.get(2))) {
      findings.found(
          key,
          " has %s items, and %s are in the index of its items."
              .formatted(found.get(1), found.get(2)));
    }
    each(
        shard,
        shard.items(key),
        ids -> {
          RedisArguments args = new RedisArguments();
          for (String id : ids) {
            args.command("HGET", shard.items(key), id);
            args.command("ZSCORE", shard.itemIds(key), id);
          }
          List<Object> replies = read(shard, args);
          for (int i = 0; i < ids.size(); i++) {
            if (replies.get(2 * i) instanceof byte[] value) {
              boolean isInIndex =
                  replies.get(2 * i + 1) instanceof byte[] score
                      && RedisListSources.score(score) == 0;
              item(key, ids.get(i), value, isInIndex);
            }
          }
        });
  }

  private void item(JobKey key, String id, byte[] value, boolean isInIndex) {
    findings.addItems(1);
    String name = "Item %s of job %s of tenant %s".formatted(id, key.jobId(), key.tenantId());
    if (RedisCells.item(key, id).parse(value, Item.parser()) == null) {
      findings.found(name + " is damaged.");
    } else if (!isInIndex) {
      findings.found(name + " is missing in the index of its items.");
    }
  }

  /** Checks that an index of items has some. */
  void itemIds(RedisShard shard, JobKey key) {
    RedisArguments args =
        new RedisArguments()
            .command("EXISTS", shard.itemIds(key))
            .command("EXISTS", shard.items(key));
    List<Object> replies = read(shard, args);
    if (isPresent(replies.get(0)) && !isPresent(replies.get(1))) {
      findings.found(key, " has an index of items, and no items.");
    }
  }

  /** Checks an idempotent request. */
  void request(RedisShard shard, String digest) {
    Object value = read(shard, new RedisArguments().command("GET", shard.request(digest))).get(0);
    if (value == null) {
      // It has expired meanwhile, or is no string.
      RedisArguments args = new RedisArguments().command("EXISTS", shard.request(digest));
      if (!isPresent(read(shard, args).get(0))) {
        return;
      }
    }
    findings.addRequest();
    if (RedisCells.parse(RedisCells.request(digest), value, RequestRecord.parser()) == null) {
      findings.found("A remembered request is damaged.");
    }
  }

  /** Checks what servers keep beside the jobs, of one kind. */
  void serverRecords(RedisShard shard, String kind) {
    each(
        shard,
        shard.records(kind),
        keys -> {
          RedisArguments args = new RedisArguments();
          for (String key : keys) {
            args.command("HGET", shard.records(kind), key);
            args.command("ZSCORE", shard.recordExpiry(kind), key);
          }
          List<Object> replies = read(shard, args);
          for (int i = 0; i < keys.size(); i++) {
            if (replies.get(2 * i) instanceof byte[] value
                && !isSound(kind, keys.get(i), value, replies.get(2 * i + 1))) {
              findings.found(
                  "The record %s of the servers' %s is damaged.".formatted(keys.get(i), kind));
            }
          }
        });
  }

  private static boolean isSound(String kind, String key, byte[] value, @Nullable Object expiry) {
    byte[] stored = RedisCells.serverRecord(kind, key).bytes(value);
    return stored != null
        && stored.length >= Long.BYTES
        && expiry instanceof byte[] score
        && ByteBuffer.wrap(stored).getLong() == RedisListSources.score(score);
  }

  /** Checks the previous states of jobs that servers have changed. */
  void changes(RedisShard shard) {
    String from = "-";
    while (true) {
      RedisArguments args =
          new RedisArguments().command("XRANGE", shard.changes(), from, "+", "COUNT", STEP);
      if (!(read(shard, args).get(0) instanceof List<?> commits)) {
        findings.found("The changes of shard " + shard.number() + " cannot be read.");
        return;
      }
      for (Object commit : commits) {
        List<?> fields = RedisStreamEntry.fields(commit);
        for (int i = 2; i < fields.size(); i += 2) {
          JobKey key = RedisShard.keyIfValid(RedisSnapshot.text(fields.get(i)));
          if (key == null || RedisCommit.isDamaged(key, (byte[]) fields.get(i + 1))) {
            findings.found(
                "A change that commit %d notifies other servers of is damaged."
                    .formatted(RedisStreamEntry.number(commit)));
          }
        }
      }
      if (commits.size() < STEP) {
        return;
      }
      from = "(" + RedisStreamEntry.id(commits.get(commits.size() - 1));
    }
  }

  /** Takes some fields of a hash. */
  private interface Fields {
    void take(List<String> names);
  }

  /** Goes through the fields of a hash, some at a time. */
  private void each(RedisShard shard, String hash, Fields taker) {
    String cursor = "0";
    do {
      RedisArguments args = new RedisArguments().command("HSCAN", hash, cursor, "COUNT", STEP);
      if (!(read(shard, args).get(0) instanceof List<?> reply)) {
        findings.found("The key " + hash + " cannot be read.");
        return;
      }
      cursor = RedisSnapshot.text(reply.get(0));
      List<?> fields = (List<?>) reply.get(1);
      List<String> names = new ArrayList<>();
      for (int i = 0; i < fields.size(); i += 2) {
        names.add(RedisSnapshot.text(fields.get(i)));
        if (names.size() == STEP) {
          taker.take(List.copyOf(names));
          names.clear();
        }
      }
      if (!names.isEmpty()) {
        taker.take(names);
      }
    } while (!cursor.equals("0"));
  }
}
