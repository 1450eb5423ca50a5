package dev.milepost.server.store.redis;

import dev.milepost.server.job.SearchText;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.redis.RedisListSources.Place;
import dev.milepost.server.store.redis.RedisListSources.Range;
import dev.milepost.server.store.redis.RedisListSources.Slice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A search through the texts of jobs, slice by slice: each is a short script, which returns only
 * the jobs whose texts match. Used for one page, by one thread after another.
 */
final class RedisTextSearch {
  /** Texts of a slice: some milliseconds, for which Redis does nothing else. */
  private static final int MAX_TEXTS = 4_000;

  private final Redis redis;
  private final String wanted;
  private final boolean newestFirst;
  private int texts;

  /** What a shard says of a slice. */
  private record Found(int texts, boolean isLast, @Nullable Place end, List<Place> places) {}

  /** A search for the text of a query's filter. */
  RedisTextSearch(Redis redis, JobQuery query) {
    this.redis = redis;
    this.wanted = SearchText.wanted(query.filter());
    this.newestFirst = query.newestFirst();
    this.texts = query.limit();
  }

  /**
   * Searches the next texts.
   *
   * @param ranges the jobs to search, each in one of them
   * @param limit maximum number of matches
   */
  CompletionStage<Slice> next(List<Range> ranges, @Nullable Place after, int limit) {
    Map<RedisShard, List<Range>> split = RedisListSources.byShard(ranges);
    Map<RedisShard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    split.forEach((shard, some) -> asked.put(shard, ask(shard, some, after)));
    texts = Math.min(2 * texts, MAX_TEXTS);
    return RedisJobReader.all(asked)
        .thenApply(
            answered -> {
              List<Found> found = new ArrayList<>();
              answered.forEach(
                  (shard, reply) ->
                      found.add(found(split.getOrDefault(shard, List.of()).get(0), reply)));
              return slice(found, after, limit);
            });
  }

  private CompletionStage<List<Object>> ask(
      RedisShard shard, List<Range> ranges, @Nullable Place after) {
    RedisArguments args =
        new RedisArguments()
            .add(wanted, newestFirst ? "newest" : "oldest")
            .add(RedisListSources.from(after, newestFirst), texts, ranges.get(0).jobs());
    ranges.forEach(range -> args.add(range.key()));
    return redis.list(RedisScript.TEXTS, new String[] {shard.base()}, args);
  }

  private static Found found(Range range, List<Object> reply) {
    int texts = ((Long) reply.get(0)).intValue();
    if (texts == 0) {
      return new Found(0, true, null, List.of());
    }
    List<Place> end = new ArrayList<>();
    RedisListSources.places(range, reply.subList(2, 4), end);
    List<Place> places = new ArrayList<>();
    RedisListSources.places(range, reply.subList(4, reply.size()), places);
    return new Found(texts, reply.get(1).equals(1L), end.isEmpty() ? null : end.get(0), places);
  }

  /** Merges what the shards have found, up to where all of them have searched. */
  private Slice slice(List<Found> found, @Nullable Place after, int limit) {
    Comparator<Place> order = RedisListSources.order(newestFirst);
    Place end = null;
    int read = 0;
    for (Found one : found) {
      read += one.texts();
      Place reached = one.end();
      if (!one.isLast() && reached != null && (end == null || order.compare(reached, end) < 0)) {
        end = reached;
      }
    }
    Place last = end;
    List<Place> places =
        found.stream()
            .flatMap(one -> one.places().stream())
            .filter(place -> after == null || order.compare(place, after) > 0)
            .filter(place -> last == null || order.compare(place, last) <= 0)
            .sorted(order)
            .limit(limit + 1L)
            .toList();
    return places.size() > limit
        ? new Slice(places.subList(0, limit), read, places.get(limit - 1))
        : new Slice(places, read, end);
  }
}
