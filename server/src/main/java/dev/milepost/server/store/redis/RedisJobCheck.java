package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.store.redis.RedisIndexes.Place;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads all jobs in the order of creation, and compares each with all indexes that it belongs in. A
 * job and its indexes are compared within one snapshot: servers may use the store meanwhile.
 * Blocks; used by one thread.
 */
final class RedisJobCheck {
  /** Jobs that are read and compared together. */
  private static final int STEP = 100;

  /** Bytes of jobs that are read at a time. */
  private static final int READ_BYTES = 1 << 20;

  /** How often a job is read again that was changed between its reading and its comparison. */
  private static final int MAX_TRIES = 100;

  private final Redis redis;
  private final boolean isIndexed;
  private final RedisFindings findings;

  /**
   * A check of jobs.
   *
   * @param isIndexed whether all jobs are in the indexes of ids and terms
   */
  RedisJobCheck(Redis redis, boolean isIndexed, RedisFindings findings) {
    this.redis = redis;
    this.isIndexed = isIndexed;
    this.findings = findings;
  }

  /** Checks the jobs of a shard. */
  void run(RedisShard shard) {
    // The last job that was read: its number, and its name, by which equal numbers are sorted.
    long number = 0;
    String name = "";
    boolean isLast = false;
    while (!isLast) {
      RedisArguments args =
          new RedisArguments()
              .command(
                  "ZRANGEBYSCORE", shard.all(), number, "+inf", "WITHSCORES", "LIMIT", 0, STEP);
      if (!(redis.await(redis.read(shard, args)).get(0) instanceof List<?> reply)) {
        findings.found("The index of all jobs of shard " + shard.number() + " cannot be read.");
        return;
      }
      List<String> members = new ArrayList<>();
      for (int i = 0; i < reply.size(); i += 2) {
        String member = RedisSnapshot.text(reply.get(i));
        long score = RedisListSources.score(reply.get(i + 1));
        if (score > number || member.compareTo(name) > 0) {
          members.add(member);
          number = score;
          name = member;
        }
      }
      check(shard, keys(members));
      findings.progress().done(members.size());
      isLast = reply.size() < 2 * STEP;
      if (members.isEmpty()) {
        number++;
      }
    }
  }

  private List<JobKey> keys(List<String> members) {
    List<JobKey> keys = new ArrayList<>();
    for (String member : members) {
      JobKey key = RedisShard.keyIfValid(member);
      if (key == null) {
        findings.found("The index of all jobs has " + member + ", which is no job.");
      } else {
        keys.add(key);
      }
    }
    return keys;
  }

  private void check(RedisShard shard, List<JobKey> keys) {
    List<JobKey> left = keys;
    for (int tries = 0; !left.isEmpty() && tries < MAX_TRIES; tries++) {
      List<JobKey> changed = new ArrayList<>();
      int next = 0;
      while (next < left.size()) {
        List<JobKey> rest = left.subList(next, left.size());
        Map<JobKey, @Nullable RedisStoredJob> read = read(shard, rest);
        changed.addAll(compare(shard, read));
        next += read.size();
      }
      left = changed;
    }
  }

  /** Reads the first of these jobs, and at least one. */
  private Map<JobKey, @Nullable RedisStoredJob> read(RedisShard shard, List<JobKey> keys) {
    RedisArguments args = new RedisArguments();
    keys.forEach(key -> RedisStoredJob.ask(args, shard, key));
    List<Object> replies = redis.await(redis.read(shard, args, READ_BYTES));
    Map<JobKey, @Nullable RedisStoredJob> read = new LinkedHashMap<>();
    for (int i = 0; i < replies.size(); i++) {
      JobKey key = keys.get(i);
      read.put(key, RedisStoredJob.read(key, replies.get(i)));
      if (RedisStoredJob.isFixedDamaged(key, replies.get(i))) {
        findings.found(key, ": the copy of what never changes is damaged.");
      }
    }
    return read;
  }

  /** Compares jobs with their indexes. Returns those that were changed since they were read. */
  private List<JobKey> compare(RedisShard shard, Map<JobKey, @Nullable RedisStoredJob> jobs) {
    RedisArguments args = new RedisArguments();
    Map<JobKey, Map<Place, Long>> places = new LinkedHashMap<>();
    jobs.forEach(
        (key, job) -> {
          args.command("HGET", shard.job(key), RedisStoredJob.VERSION);
          args.command("ZSCORE", shard.all(), RedisShard.member(key));
          if (job != null && job.isReadable()) {
            Map<Place, Long> of = RedisIndexes.of(shard, job, isIndexed);
            places.put(key, of);
            of.keySet().forEach(place -> args.command("ZSCORE", place.key(), place.member()));
            String tenant = key.tenantId();
            String user = job.record().getJob().getUserId();
            args.command("SISMEMBER", shard.tenants(), tenant);
            args.command("SISMEMBER", shard.users(tenant), user);
            String lane = RedisIndexes.lane(job.record().getJob());
            args.command("SISMEMBER", shard.laneNames(tenant), lane);
            args.command("HGET", shard.job(key), RedisStoredJob.TEXT);
          }
        });
    List<Object> replies = redis.await(redis.read(shard, args));
    List<JobKey> changed = new ArrayList<>();
    int next = 0;
    for (Map.Entry<JobKey, @Nullable RedisStoredJob> one : jobs.entrySet()) {
      JobKey key = one.getKey();
      RedisStoredJob job = one.getValue();
      Map<Place, Long> of = places.getOrDefault(key, Map.of());
      int size = of.isEmpty() ? 2 : 6 + of.size();
      List<Object> found = replies.subList(next, next + size);
      next += size;
      String version = found.get(0) instanceof byte[] now ? RedisSnapshot.text(now) : "";
      if (!version.equals(job == null ? "" : job.version())) {
        changed.add(key);
      } else if (job == null) {
        if (found.get(1) != null) {
          findings.found(key, " is in the index of all jobs, and does not exist.");
        }
      } else {
        compare(shard, key, job, of, found.subList(2, size));
      }
    }
    return changed;
  }

  private void compare(
      RedisShard shard, JobKey key, RedisStoredJob job, Map<Place, Long> places, List<?> found) {
    findings.addJob();
    if (!job.isReadable()) {
      findings.found(key, ": its record is damaged.");
      addUnreadable(shard, key, job);
      return;
    }
    findings.tally().add(job.record());
    if (!job.version().equals(RedisStoredJob.version(job.number(), job.record()))) {
      findings.found(key, ": its version is damaged.");
    }
    int next = 0;
    for (Map.Entry<Place, Long> place : places.entrySet()) {
      Object score = found.get(next++);
      if (score == null || !isRight(shard, place, RedisListSources.score(score))) {
        String index = place.getKey().key().substring(shard.base().length());
        findings.found(key, " is not where it belongs in the index " + index + ".");
      }
    }
    if (!Objects.equals(found.get(next), 1L)) {
      findings.found(key, ": its tenant is missing in the set of all tenants.");
    }
    if (!Objects.equals(found.get(next + 1), 1L)) {
      findings.found(key, ": its user is missing in the set of its tenant's users.");
    }
    if (JobRecords.isClaimable(job.record()) && !Objects.equals(found.get(next + 2), 1L)) {
      findings.found(key, ": its lane is missing in the set of its tenant's lanes.");
    }
    if (isIndexed && !isTextOf(job.record(), found.get(next + 3))) {
      findings.found(key, ": its search text is not that of its record.");
    }
  }

  private static boolean isTextOf(JobRecord record, @Nullable Object text) {
    return text instanceof byte[] bytes
        && RedisSnapshot.text(bytes).equals(SearchText.of(record.getJob()));
  }

  /** A wake time may be later: a job that could not be ticked is postponed. */
  private static boolean isRight(RedisShard shard, Map.Entry<Place, Long> place, long score) {
    return place.getKey().key().equals(shard.wake())
        ? score >= place.getValue()
        : score == place.getValue();
  }

  private void addUnreadable(RedisShard shard, JobKey key, RedisStoredJob damaged) {
    Job job = new RedisUnreadable(redis, shard).described(key, damaged).record().getJob();
    if (job.getSpec().getType().isEmpty()) {
      findings.tally().addUnknown();
    } else {
      findings
          .tally()
          .addUnreadable(
              job.getTenantId(),
              job.getSpec().getType(),
              job.getSpec().getScopeValue(),
              job.getStatus().getStateValue());
    }
  }
}
