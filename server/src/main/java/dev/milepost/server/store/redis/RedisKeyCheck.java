package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.redis.RedisIndexes.Place;
import dev.milepost.storage.v1.JobRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Goes through all keys of a store, whatever its indexes say, and checks what is under each of
 * them. What belongs together is compared within one snapshot: servers may use the store meanwhile.
 * Blocks; used by one thread.
 */
final class RedisKeyCheck {
  /** Members of an index that are read and compared together. */
  private static final int STEP = 100;

  /** Kinds of keys of which nothing is to be compared. */
  private static final List<String> PLAIN =
      List.of("held:", "last:", "commits", "tenants", "users:", "lanes:", "record-expiry:");

  private final Redis redis;
  private final RedisFindings findings;
  private final RedisPartCheck parts;
  private final RedisCountCheck counts;

  /** A check of keys. */
  RedisKeyCheck(Redis redis, RedisFindings findings) {
    this.redis = redis;
    this.findings = findings;
    this.parts = new RedisPartCheck(redis, findings);
    this.counts = new RedisCountCheck(redis, findings);
  }

  /** Checks some keys of a shard. */
  void check(RedisShard shard, List<String> names) {
    for (String name : names) {
      int colon = name.indexOf(':');
      String kind = colon < 0 ? name : name.substring(0, colon + 1);
      String rest = colon < 0 ? "" : name.substring(colon + 1);
      switch (kind) {
        case "job:" -> job(shard, rest);
        case "runs:" -> ofJob(shard, rest, key -> parts.journal(shard, key));
        case "item:" -> ofJob(shard, rest, key -> parts.items(shard, key));
        case "item-ids:" -> ofJob(shard, rest, key -> parts.itemIds(shard, key));
        case "once:" -> parts.request(shard, rest);
        case "server-records:" -> parts.serverRecords(shard, rest);
        case "changes" -> parts.changes(shard);
        case "totals:" -> counts.totals(shard, rest);
        case "counts:" ->
            ofTenant(shard, rest, (tenant, user) -> counts.counts(shard, tenant, user));
        case "state:", "type:" -> {
          index(shard, name, rest);
          ofTenant(shard, rest, (tenant, value) -> counts.index(shard, name, shard.totals(tenant)));
        }
        case "user:" -> {
          index(shard, name, rest);
          ofTenant(
              shard, rest, (tenant, user) -> counts.index(shard, name, shard.counts(tenant, user)));
        }
        case "parent:", "ids:", "lane:", "term:" -> index(shard, name, rest);
        case "wake", "all" -> index(shard, name, "");
        default -> {
          if (!PLAIN.contains(kind)) {
            findings.found("The key " + shard.base() + name + " is none of this version.");
          }
        }
      }
    }
    findings.progress().done(names.size());
  }

  /** Checks something of a job. */
  private interface OfJob {
    void check(JobKey key);
  }

  private void ofJob(RedisShard shard, String member, OfJob check) {
    ofTenant(shard, member, (tenant, id) -> check.check(new JobKey(tenant, id)));
  }

  /** Checks something of a tenant. */
  private interface OfTenant {
    void check(String tenant, String value);
  }

  private void ofTenant(RedisShard shard, String rest, OfTenant check) {
    int blank = rest.indexOf(' ');
    if (blank < 0) {
      findings.found("A key of shard " + shard.number() + " is of no tenant: " + rest + ".");
    } else {
      check.check(rest.substring(0, blank), rest.substring(blank + 1));
    }
  }

  private void job(RedisShard shard, String member) {
    RedisArguments args =
        new RedisArguments()
            .command("EXISTS", shard.base() + "job:" + member)
            .command("ZSCORE", shard.all(), member);
    List<Object> replies = redis.await(redis.read(shard, args));
    if (Long.valueOf(1).equals(replies.get(0)) && replies.get(1) == null) {
      findings.found("Job " + member + " (tenant, id) is missing in the index of all jobs.");
    }
  }

  /** Checks that an index has no job that does not belong there. */
  private void index(RedisShard shard, String name, String rest) {
    String tenant = rest.contains(" ") ? rest.substring(0, rest.indexOf(' ')) : rest;
    String cursor = "0";
    do {
      RedisArguments args =
          new RedisArguments().command("ZSCAN", shard.base() + name, cursor, "COUNT", STEP);
      if (!(redis.await(redis.read(shard, args)).get(0) instanceof List<?> reply)) {
        findings.found("The index " + name + " cannot be read.");
        return;
      }
      cursor = RedisSnapshot.text(reply.get(0));
      List<String> members = new ArrayList<>();
      List<?> found = (List<?>) reply.get(1);
      for (int i = 0; i < found.size(); i += 2) {
        members.add(RedisSnapshot.text(found.get(i)));
      }
      for (int from = 0; from < members.size(); from += STEP) {
        members(shard, name, tenant, members.subList(from, Math.min(from + STEP, members.size())));
      }
    } while (!cursor.equals("0"));
  }

  private void members(RedisShard shard, String name, String tenant, List<String> members) {
    List<JobKey> keys = new ArrayList<>();
    List<String> read = new ArrayList<>();
    RedisArguments args = new RedisArguments();
    for (String member : members) {
      JobKey key = jobOf(name, tenant, member);
      if (key == null) {
        findings.found("The index " + name + " has " + member + ", which is no job.");
      } else {
        keys.add(key);
        read.add(member);
        args.command("ZSCORE", shard.base() + name, member);
        RedisStoredJob.ask(args, shard, key);
      }
    }
    List<Object> replies = args.isEmpty() ? List.of() : redis.await(redis.read(shard, args));
    for (int i = 0; i < keys.size(); i++) {
      Object score = replies.get(2 * i);
      if (score != null) {
        RedisStoredJob job = RedisStoredJob.read(keys.get(i), replies.get(2 * i + 1));
        Place place = new Place(shard.base() + name, read.get(i));
        compare(shard, name, place, RedisListSources.score(score), keys.get(i), job);
      }
    }
  }

  private static @Nullable JobKey jobOf(String name, String tenant, String member) {
    if (tenant.isEmpty()) {
      return RedisShard.keyIfValid(member);
    }
    String id = name.startsWith("lane:") ? RedisIndexes.idInLane(member) : member;
    return id == null ? null : new JobKey(tenant, id);
  }

  private void compare(
      RedisShard shard,
      String name,
      Place place,
      long score,
      JobKey key,
      @Nullable RedisStoredJob job) {
    if (job == null) {
      // The terms of a damaged job stay behind when it is deleted: they are not known.
      if (!name.startsWith("term:") && !name.equals("all")) {
        findings.found(
            "The index %s has job %s of tenant %s, which does not exist."
                .formatted(name, key.jobId(), key.tenantId()));
      }
    } else if (job.isReadable() && !belongs(shard, place, score, job)) {
      findings.found(
          "The index %s has job %s of tenant %s, which does not belong there."
              .formatted(name, key.jobId(), key.tenantId()));
    }
  }

  private boolean belongs(RedisShard shard, Place place, long score, RedisStoredJob job) {
    if (place.key().equals(shard.wake())) {
      // A job that could not be ticked is postponed.
      JobRecord record = job.record();
      return !record.hasWakeTime() || score >= RedisIndexes.wakeMicros(record);
    }
    Map<Place, Long> places = RedisIndexes.of(shard, job, true);
    // A wrong score is named with the job.
    return places.containsKey(place);
  }
}
