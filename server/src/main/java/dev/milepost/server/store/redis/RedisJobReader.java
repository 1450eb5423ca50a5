package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ClaimQuery;
import dev.milepost.server.store.DueJobs;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobPageBuilder;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.JobsByKeyBuilder;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.redis.RedisListSources.Place;
import dev.milepost.server.store.redis.RedisListSources.Range;
import dev.milepost.server.store.redis.RedisListSources.Slice;
import dev.milepost.server.store.redis.RedisListSources.Source;
import dev.milepost.storage.v1.JobRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Reads jobs. Thread-safe. */
final class RedisJobReader {
  /** Bytes of jobs that one answer of a shard may have, unless it is a single job. */
  private static final int FETCH_BYTES = 1 << 20;

  private final Redis redis;
  private final RedisShards shards;
  private final RedisListSources sources;

  /** A list in progress. */
  private record Scan(Source source, @Nullable RedisTextSearch search, JobPageBuilder page) {}

  /**
   * Reads jobs.
   *
   * @param terms says whether lists may use the indexes of ids and terms
   */
  RedisJobReader(Redis redis, RedisShards shards, RedisTermFill terms) {
    this.redis = redis;
    this.shards = shards;
    this.sources = new RedisListSources(redis, shards, terms);
  }

  /**
   * Reads jobs, in the order of the keys and without missing ones, as many as fit.
   *
   * @param owner user whose jobs are read; empty: of any user
   */
  CompletionStage<JobsByKey> get(List<JobKey> keys, String owner, JobsByKeyBuilder found) {
    List<JobKey> rest = keys.subList(found.read(), keys.size());
    if (rest.isEmpty()) {
      return CompletableFuture.completedStage(found.build());
    }
    return fetch(rest, owner)
        .thenCompose(
            fetched -> {
              for (JobKey key : rest) {
                Optional<RedisStoredJob> job = fetched.get(key);
                if (job == null) {
                  return get(keys, owner, found);
                }
                UnreadableJob damaged = job.map(RedisStoredJob::unreadable).orElse(null);
                if (damaged != null) {
                  found.addUnreadable(damaged);
                } else if (!found.add(job.map(RedisStoredJob::record).orElse(null))) {
                  break;
                }
              }
              return CompletableFuture.completedStage(found.build());
            });
  }

  /** Finds the first claimable jobs of each lane and priority of a tenant. */
  CompletionStage<List<JobKey>> firstClaimable(String tenantId) {
    RedisShard shard = shards.of(tenantId);
    RedisArguments args =
        new RedisArguments()
            .add(shard.lanes(tenantId), ClaimQuery.FIRST_OF_EACH, ClaimQuery.MAX_FIRST_OF);
    return redis
        .list(RedisScript.FIRST, new String[] {shard.laneNames(tenantId)}, args)
        .thenApply(
            ids -> ids.stream().map(id -> new JobKey(tenantId, RedisSnapshot.text(id))).toList());
  }

  /**
   * Reads the first of these jobs, as many as fit into one answer and at least one; those that do
   * not exist are empty, and so are those of another owner.
   */
  CompletionStage<Map<JobKey, Optional<RedisStoredJob>>> fetch(List<JobKey> keys, String owner) {
    Map<List<JobKey>, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    shards
        .split(keys)
        .forEach(
            (shard, some) -> {
              RedisArguments args = new RedisArguments().add(FETCH_BYTES);
              args.add(
                  owner.isEmpty()
                      ? ""
                      : shard.index(RedisIndexes.USER, some.get(0).tenantId(), owner));
              some.forEach(key -> args.add(shard.job(key)).add(key.jobId()));
              asked.put(some, redis.list(RedisScript.JOBS, new String[] {shard.base()}, args));
            });
    return all(asked)
        .thenApply(
            answered -> {
              Map<JobKey, Optional<RedisStoredJob>> fetched = new HashMap<>();
              answered.forEach(
                  (some, replies) -> {
                    for (int i = 0; i < replies.size(); i++) {
                      JobKey key = some.get(i);
                      fetched.put(
                          key, Optional.ofNullable(RedisStoredJob.read(key, replies.get(i))));
                    }
                  });
              return fetched;
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
    Place after = query.after().map(Place::of).orElse(null);
    RedisTextSearch search =
        query.filter().getText().isEmpty() ? null : new RedisTextSearch(redis, query);
    JobPageBuilder page = new JobPageBuilder(query);
    return sources
        .source(query, after)
        .thenCompose(source -> next(new Scan(source, search, page), after, query.limit()));
  }

  private static boolean scan(JobPageBuilder page, @Nullable RedisStoredJob job, Place place) {
    if (job == null) {
      return page.scan(null, place);
    }
    return job.isReadable()
        ? page.scan(job.record(), place)
        : page.scanUnreadable(job.unreadable(), place);
  }

  private CompletionStage<JobPage> next(Scan scan, @Nullable Place after, int limit) {
    return scan.source()
        .slice(scan.search(), after, limit)
        .thenCompose(slice -> take(scan, slice, limit, 0));
  }

  /** Scans the jobs of a slice from an index on, and then goes on. */
  private CompletionStage<JobPage> take(Scan scan, Slice slice, int limit, int from) {
    List<Place> places = slice.places();
    int end = places.size();
    if (from == end) {
      return slice.end() == null
          ? CompletableFuture.completedStage(scan.page().page(false))
          : pass(scan, slice.texts(), slice.end(), limit);
    }
    return fetch(places.subList(from, end).stream().map(Place::key).toList(), "")
        .thenCompose(
            fetched -> {
              for (int i = from; i < end; i++) {
                Optional<RedisStoredJob> job = fetched.get(places.get(i).key());
                if (job == null) {
                  return take(scan, slice, limit, i);
                }
                if (!scan(scan.page(), job.orElse(null), places.get(i))) {
                  boolean more = slice.end() != null || i < end - 1;
                  return CompletableFuture.completedStage(scan.page().page(more));
                }
              }
              return take(scan, slice, limit, end);
            });
  }

  /** Passes the jobs up to the end of a slice, whose texts do not match. */
  private CompletionStage<JobPage> pass(Scan scan, int texts, Place end, int limit) {
    JobPageBuilder page = scan.page();
    CompletionStage<Optional<JobRecord>> last =
        texts > 0 && page.needsTimes()
            ? fetch(List.of(end.key()), "")
                .thenApply(found -> found.getOrDefault(end.key(), Optional.empty()))
                .thenApply(
                    job -> job.filter(RedisStoredJob::isReadable).map(RedisStoredJob::record))
            : CompletableFuture.completedStage(Optional.empty());
    return last.thenCompose(
        job ->
            texts == 0 || page.passTexts(texts, job.orElse(null), end)
                ? next(scan, end, Math.min(2 * limit, page.scannable()))
                : CompletableFuture.completedStage(page.page(true)));
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
                    .mapToLong(newest -> RedisListSources.score(newest.get(1)))
                    .max()
                    .orElse(0));
  }

  CompletionStage<DueJobs> due(Instant from, Instant until, int limit) {
    long fromMicros = ChronoUnit.MICROS.between(Instant.EPOCH, from);
    Map<RedisShard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    for (RedisShard shard : shards.all()) {
      RedisArguments args =
          new RedisArguments()
              .command(
                  "ZRANGEBYSCORE",
                  shard.wake(),
                  fromMicros,
                  "+inf",
                  "WITHSCORES",
                  "LIMIT",
                  0,
                  limit + 1);
      asked.put(shard, redis.read(shard, args));
    }
    return all(asked)
        .thenApply(
            answered -> {
              List<Place> waking = new ArrayList<>();
              answered.forEach(
                  (shard, replies) ->
                      RedisListSources.places(
                          new Range(shard, shard.wake(), ""), (List<?>) replies.get(0), waking));
              waking.sort(Place.ORDER);
              return due(waking, until, limit);
            });
  }

  private static DueJobs due(List<Place> waking, Instant until, int limit) {
    List<JobKey> keys = new ArrayList<>();
    for (Place job : waking) {
      Instant wake = Instant.EPOCH.plus(job.number(), ChronoUnit.MICROS);
      if (keys.size() == limit || wake.isAfter(until)) {
        return new DueJobs(keys, Optional.of(wake));
      }
      keys.add(job.key());
    }
    return new DueJobs(keys, Optional.empty());
  }
}
