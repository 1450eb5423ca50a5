package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads jobs. Thread-safe. */
final class RedisJobReader {
  /** Jobs that one page scans. */
  private static final int SCAN = 2_000;

  /**
   * Maximum number of jobs with the same number, which several servers created in one microsecond.
   */
  private static final int TWINS = 16;

  private final Redis redis;
  private final RedisShards shards;

  /** A sorted set of jobs. If the tenant is empty, it is part of each member's name. */
  private record Range(RedisShard shard, String key, String tenantId) {}

  /** A job's position in the order of creation; jobs with the same number are sorted by name. */
  private record Place(long number, JobKey key) {
    private static final Comparator<Place> ORDER =
        Comparator.comparingLong(Place::number)
            .thenComparing(place -> place.key().tenantId())
            .thenComparing(place -> place.key().jobId());

    private static Place of(String token) {
      String[] parts = token.split(" ", 2);
      return new Place(Long.parseLong(parts[0]), RedisShard.key(parts[1]));
    }

    private String token() {
      return number + " " + RedisShard.member(key);
    }
  }

  /** The state of a page in progress: what was found so far, and how many jobs were scanned. */
  private record Scan(@Nullable Place position, List<JobRecord> page, int scanned, int batch) {}

  RedisJobReader(Redis redis, RedisShards shards) {
    this.redis = redis;
    this.shards = shards;
  }

  CompletionStage<List<JobRecord>> get(Collection<JobKey> keys) {
    return find(keys)
        .thenApply(
            found -> keys.stream().flatMap(key -> Stream.ofNullable(found.get(key))).toList());
  }

  private CompletionStage<Map<JobKey, JobRecord>> find(Collection<JobKey> keys) {
    Map<JobKey, JobRecord> found = new HashMap<>();
    Map<List<JobKey>, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    shards
        .split(keys)
        .forEach(
            (shard, some) -> {
              RedisArguments args = new RedisArguments();
              some.forEach(key -> RedisStoredJob.ask(args, shard, key));
              asked.put(some, redis.read(shard, args));
            });
    return all(asked)
        .thenApply(
            answered -> {
              answered.forEach(
                  (some, replies) -> {
                    for (int i = 0; i < some.size(); i++) {
                      RedisStoredJob job = RedisStoredJob.read(replies.get(i));
                      if (job != null) {
                        found.put(some.get(i), job.record());
                      }
                    }
                  });
              return found;
            });
  }

  /** Waits for all stages; keeps their order. */
  static <K, V> CompletionStage<Map<K, V>> all(Map<K, CompletionStage<V>> asked) {
    CompletionStage<Map<K, V>> gathered = CompletableFuture.completedStage(new LinkedHashMap<>());
    for (Map.Entry<K, CompletionStage<V>> one : asked.entrySet()) {
      gathered =
          gathered.thenCombine(
              one.getValue(),
              (map, value) -> {
                map.put(one.getKey(), value);
                return map;
              });
    }
    return gathered;
  }

  CompletionStage<JobPage> list(JobQuery query) {
    Place position = query.after().map(Place::of).orElse(null);
    return scan(
        query, ranges(query.filter()), new Scan(position, new ArrayList<>(), 0, query.limit()));
  }

  /** Returns sorted sets that together hold every job that may match, each job in one of them. */
  private List<Range> ranges(JobFilter filter) {
    String tenant = filter.getTenantId();
    if (tenant.isEmpty()) {
      return shards.all().stream().map(shard -> new Range(shard, shard.all(), "")).toList();
    }
    RedisShard shard = shards.of(tenant);
    Function<String, Function<Object, Range>> lane =
        kind -> value -> new Range(shard, shard.index(kind, tenant, value), tenant);
    if (!filter.getParentId().isEmpty()) {
      return List.of(lane.apply(RedisIndexes.PARENT).apply(filter.getParentId()));
    }
    if (!filter.getUserId().isEmpty()) {
      return List.of(lane.apply(RedisIndexes.USER).apply(filter.getUserId()));
    }
    if (filter.getStatesCount() == 0 && filter.getTypesCount() > 0) {
      return filter.getTypesList().stream().distinct().map(lane.apply(RedisIndexes.TYPE)).toList();
    }
    Stream<JobState> states =
        filter.getStatesCount() == 0
            ? Stream.of(JobState.values()).filter(state -> state != JobState.UNRECOGNIZED)
            : filter.getStatesList().stream().distinct();
    return states.map(state -> lane.apply(RedisIndexes.STATE).apply(state.getNumber())).toList();
  }

  private CompletionStage<JobPage> scan(JobQuery query, List<Range> ranges, Scan scan) {
    return next(ranges, query.newestFirst(), scan.position(), scan.batch() + 1)
        .thenCompose(
            places -> {
              boolean more = places.size() > scan.batch();
              List<Place> batch = more ? places.subList(0, scan.batch()) : places;
              return find(batch.stream().map(Place::key).toList())
                  .thenCompose(found -> take(query, ranges, scan, batch, more, found));
            });
  }

  private CompletionStage<JobPage> take(
      JobQuery query,
      List<Range> ranges,
      Scan scan,
      List<Place> batch,
      boolean more,
      Map<JobKey, JobRecord> found) {
    List<JobRecord> page = scan.page();
    for (int i = 0; i < batch.size(); i++) {
      Place place = batch.get(i);
      JobRecord record = found.get(place.key());
      if (record == null) {
        continue;
      }
      if (JobFilters.isPassed(query.filter(), record.getJob(), query.newestFirst())) {
        return done(page, null);
      }
      if (JobFilters.matches(query.filter(), record.getJob())) {
        page.add(record);
        if (page.size() == query.limit()) {
          boolean isLast = i == batch.size() - 1 && !more;
          return done(page, isLast ? null : place);
        }
      }
    }
    if (!more) {
      return done(page, null);
    }
    Place position = batch.get(batch.size() - 1);
    int scanned = scan.scanned() + batch.size();
    if (scanned >= SCAN) {
      return done(page, position);
    }
    int wider = Math.min(2 * scan.batch(), SCAN - scanned);
    return scan(query, ranges, new Scan(position, page, scanned, wider));
  }

  private static CompletionStage<JobPage> done(List<JobRecord> page, @Nullable Place next) {
    return CompletableFuture.completedStage(
        new JobPage(page, Optional.ofNullable(next).map(Place::token)));
  }

  /** Returns the next jobs that may match, {@code limit} at most. */
  private CompletionStage<List<Place>> next(
      List<Range> ranges, boolean newestFirst, @Nullable Place after, int limit) {
    Map<RedisShard, List<Range>> split = new LinkedHashMap<>();
    ranges.forEach(
        lane -> split.computeIfAbsent(lane.shard(), shard -> new ArrayList<>()).add(lane));
    Map<RedisShard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    split.forEach(
        (shard, some) -> {
          RedisArguments args = new RedisArguments();
          some.forEach(lane -> ask(args, lane, newestFirst, after, limit + TWINS));
          asked.put(shard, redis.read(shard, args));
        });
    Comparator<Place> order = newestFirst ? Place.ORDER.reversed() : Place.ORDER;
    return all(asked)
        .thenApply(
            answered -> {
              List<Place> places = new ArrayList<>();
              answered.forEach(
                  (shard, replies) -> {
                    List<Range> some = split.getOrDefault(shard, List.of());
                    for (int i = 0; i < some.size(); i++) {
                      places(some.get(i), (List<?>) replies.get(i), places);
                    }
                  });
              return places.stream()
                  .filter(place -> after == null || order.compare(place, after) > 0)
                  .sorted(order)
                  .limit(limit)
                  .toList();
            });
  }

  private static void ask(
      RedisArguments to, Range lane, boolean newestFirst, @Nullable Place after, int limit) {
    Object from = after == null ? (newestFirst ? "+inf" : "-inf") : after.number();
    to.command(
        newestFirst ? "ZREVRANGEBYSCORE" : "ZRANGEBYSCORE",
        lane.key(),
        from,
        newestFirst ? "-inf" : "+inf",
        "WITHSCORES",
        "LIMIT",
        0,
        limit);
  }

  private static void places(Range lane, List<?> reply, List<Place> to) {
    for (int i = 0; i < reply.size(); i += 2) {
      String name = RedisSnapshot.text(reply.get(i));
      JobKey key =
          lane.tenantId().isEmpty() ? RedisShard.key(name) : new JobKey(lane.tenantId(), name);
      to.add(new Place(score(reply.get(i + 1)), key));
    }
  }

  /** Parses a score; large ones may have an exponent. */
  private static long score(Object bytes) {
    return (long) Double.parseDouble(RedisSnapshot.text(bytes));
  }

  /** Returns the highest number of any job; 0 if there are no jobs. */
  CompletionStage<Long> highestNumber() {
    Map<RedisShard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    for (RedisShard shard : shards.all()) {
      RedisArguments args =
          new RedisArguments().command("ZREVRANGE", shard.all(), 0, 0, "WITHSCORES");
      asked.put(shard, redis.read(shard, args));
    }
    return all(asked)
        .thenApply(
            answered ->
                answered.values().stream()
                    .map(replies -> (List<?>) replies.get(0))
                    .filter(newest -> !newest.isEmpty())
                    .mapToLong(newest -> score(newest.get(1)))
                    .max()
                    .orElse(0));
  }

  CompletionStage<DueJobs> due(Instant now, int limit) {
    Map<RedisShard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    for (RedisShard shard : shards.all()) {
      RedisArguments args =
          new RedisArguments().command("ZRANGE", shard.wake(), 0, limit, "WITHSCORES");
      asked.put(shard, redis.read(shard, args));
    }
    return all(asked)
        .thenApply(
            answered -> {
              List<Place> waking = new ArrayList<>();
              answered.forEach(
                  (shard, replies) ->
                      places(new Range(shard, shard.wake(), ""), (List<?>) replies.get(0), waking));
              waking.sort(Place.ORDER);
              return due(waking, now, limit);
            });
  }

  private static DueJobs due(List<Place> waking, Instant now, int limit) {
    List<JobKey> keys = new ArrayList<>();
    for (Place job : waking) {
      Instant wake = Instant.EPOCH.plus(job.number(), ChronoUnit.MICROS);
      if (keys.size() == limit || wake.isAfter(now)) {
        return new DueJobs(keys, Optional.of(wake));
      }
      keys.add(job.key());
    }
    return new DueJobs(keys, Optional.empty());
  }
}
