package dev.milepost.server.store.redis;

import dev.milepost.server.job.IndexTerms;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRecords;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Job;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The indexes of jobs: sorted sets, and a job's position in them. */
final class RedisIndexes {
  static final String USER = "user";
  static final String STATE = "state";
  static final String TYPE = "type";
  static final String PARENT = "parent";
  static final String TERM = "term";

  /** The highest priority, which has the lowest score. */
  static final int BEST_PRIORITY = 100;

  /**
   * Format of a number at the start of a lane's members: members of equal score are sorted by it.
   */
  private static final String NUMBER = "%016x";

  private static final int NUMBER_LENGTH = 16;

  /** A member of a sorted set. */
  record Place(String key, String member) {}

  private RedisIndexes() {}

  /** Moves a job from its previous to its new positions; null if it is new or removed. */
  static void move(
      RedisArguments to,
      RedisShard shard,
      @Nullable JobRecord before,
      @Nullable JobRecord after,
      long number) {
    boolean sameTerms =
        before != null && after != null && IndexTerms.areSame(before.getJob(), after.getJob());
    Map<Place, Long> from = places(shard, before, number);
    Map<Place, Long> into = places(shard, after, number);
    if (!sameTerms) {
      from.putAll(terms(shard, before, number));
      into.putAll(terms(shard, after, number));
    }
    from.forEach(
        (place, score) -> {
          if (!into.containsKey(place)) {
            to.command("ZREM", place.key(), place.member());
          }
        });
    into.forEach(
        (place, score) -> {
          // A new state ends a postponement, which the record does not show.
          boolean isWake = place.key().equals(shard.wake());
          if (!score.equals(from.get(place)) || (isWake && hasNewState(before, after))) {
            to.command("ZADD", place.key(), score, place.member());
          }
        });
    if (after != null && JobRecords.isClaimable(after)) {
      if (before == null || !JobRecords.isClaimable(before)) {
        to.command("SADD", shard.laneNames(after.getJob().getTenantId()), lane(after.getJob()));
      }
    }
  }

  private static boolean hasNewState(@Nullable JobRecord before, @Nullable JobRecord after) {
    return before != null
        && after != null
        && before.getJob().getStatus().getState() != after.getJob().getStatus().getState();
  }

  /** Removes a job from all indexes. */
  static void remove(RedisArguments to, RedisShard shard, RedisStoredJob job) {
    move(to, shard, job.record(), null, job.number());
    if (!job.isReadable()) {
      JobKey key = JobKey.of(job.record());
      to.command("ZREM", shard.wake(), RedisShard.member(key));
      removeFromLane(to, shard, job.record().getJob(), job.number());
    }
  }

  /** Takes a job out of its lane. */
  static void removeFromLane(RedisArguments to, RedisShard shard, Job job, long number) {
    to.command(
        "ZREM", shard.lanes(job.getTenantId()) + lane(job), NUMBER.formatted(number) + job.getId());
  }

  /** Sets when a job is due, until its state or the wake time of its record changes. */
  static void postpone(RedisArguments to, RedisShard shard, JobKey key, Instant wakeTime) {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, wakeTime);
    to.command("ZADD", shard.wake(), micros, RedisShard.member(key));
  }

  private static Map<Place, Long> places(
      RedisShard shard, @Nullable JobRecord record, long number) {
    Map<Place, Long> places = new LinkedHashMap<>();
    if (record == null) {
      return places;
    }
    Job job = record.getJob();
    String tenant = job.getTenantId();
    String member = RedisShard.member(JobKey.of(record));
    places.put(new Place(shard.all(), member), number);
    places.put(new Place(shard.index(USER, tenant, job.getUserId()), job.getId()), number);
    places.put(
        new Place(shard.index(STATE, tenant, job.getStatus().getStateValue()), job.getId()),
        number);
    places.put(new Place(shard.index(TYPE, tenant, job.getSpec().getType()), job.getId()), number);
    if (!job.getParentId().isEmpty()) {
      places.put(new Place(shard.index(PARENT, tenant, job.getParentId()), job.getId()), number);
    }
    if (record.hasWakeTime()) {
      places.put(new Place(shard.wake(), member), wakeMicros(record));
    }
    if (JobRecords.isClaimable(record)) {
      places.put(
          new Place(shard.lanes(tenant) + lane(job), NUMBER.formatted(number) + job.getId()),
          (long) BEST_PRIORITY - job.getSpec().getPriority());
    }
    return places;
  }

  /** The wake time of a record that has one, in microseconds since the epoch. */
  static long wakeMicros(JobRecord record) {
    return Times.micros(record.getWakeTime());
  }

  /** The places that version 1 of the layout did not have. */
  private static Map<Place, Long> terms(RedisShard shard, @Nullable JobRecord record, long number) {
    Map<Place, Long> places = new LinkedHashMap<>();
    if (record == null) {
      return places;
    }
    Job job = record.getJob();
    places.put(new Place(shard.ids(job.getTenantId()), job.getId()), 0L);
    for (String term : IndexTerms.of(job)) {
      places.put(new Place(shard.index(TERM, job.getTenantId(), term), job.getId()), number);
    }
    return places;
  }

  /**
   * Returns all places of a job, with its score in each of them.
   *
   * @param withTerms whether those by ids and terms are included
   */
  static Map<Place, Long> of(RedisShard shard, RedisStoredJob job, boolean withTerms) {
    Map<Place, Long> places = places(shard, job.record(), job.number());
    if (withTerms) {
      places.putAll(terms(shard, job.record(), job.number()));
    }
    return places;
  }

  /** Returns the id of the job that a member of a lane stands for; null if it is damaged. */
  static @Nullable String idInLane(String member) {
    return member.length() > NUMBER_LENGTH ? member.substring(NUMBER_LENGTH) : null;
  }

  /** Adds to the arguments of {@link RedisScript#INDEX} a job that an earlier layout has. */
  static void fill(RedisArguments to, RedisShard shard, RedisStoredJob job) {
    Map<Place, Long> places = terms(shard, job.record(), job.number());
    String text = SearchText.of(job.record().getJob());
    to.add(shard.job(JobKey.of(job.record())), job.version(), text, places.size());
    places.forEach((place, score) -> to.add(place.key(), score, place.member()));
  }

  /** Name of a job's lane. */
  static String lane(Job job) {
    return job.getSpec().getType() + " " + job.getSpec().getScopeValue();
  }
}
