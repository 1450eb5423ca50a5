package dev.milepost.server.store.redis;

import dev.milepost.server.job.IndexTerms;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.JobQuery;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The indexes that lists use, and the places of jobs in them. Thread-safe. */
final class RedisListSources {
  /**
   * Maximum number of jobs with the same number, which several servers created in one microsecond.
   */
  private static final int TWINS = 16;

  /** Jobs by which indexes are compared. */
  private static final int PROBE = 256;

  /** Maximum number of jobs that the start of an id may select: they have to be sorted. */
  private static final int MAX_PREFIXED = 2_000;

  /** Follows every character of an id. */
  private static final char AFTER_ID = '\u007f';

  private final Redis redis;
  private final RedisShards shards;
  private final RedisTermFill terms;

  /** A sorted set of jobs. If the tenant is empty, it is part of each member's name. */
  record Range(RedisShard shard, String key, String tenantId) {
    /** Prefix that makes the key of a job of a member. */
    String jobs() {
      return tenantId.isEmpty() ? shard.jobs() : shard.jobs(tenantId);
    }
  }

  /** A job's position in the order of creation; jobs with the same number are sorted by name. */
  record Place(long number, JobKey key) {
    static final Comparator<Place> ORDER =
        Comparator.comparingLong(Place::number)
            .thenComparing(place -> place.key().tenantId())
            .thenComparing(place -> place.key().jobId());

    static Place of(String token) {
      String[] parts = token.split(" ", 2);
      return new Place(Long.parseLong(parts[0]), RedisShard.key(parts[1]));
    }

    @Override
    public String toString() {
      return number + " " + RedisShard.member(key);
    }
  }

  /**
   * The next jobs that may match a filter.
   *
   * @param places in the order of the list
   * @param texts how many texts were read to find them; 0 if the filter searches for none
   * @param end the place up to which there are no others; null if there are no others at all
   */
  record Slice(List<Place> places, int texts, @Nullable Place end) {
    /** The first of these places. */
    static Slice of(List<Place> places, int limit) {
      return places.size() <= limit
          ? new Slice(places, 0, null)
          : new Slice(places.subList(0, limit), 0, places.get(limit - 1));
    }
  }

  /** Where a list finds the jobs that may match, in order. */
  interface Source {
    /** Returns the next ones after a place, {@code limit} at most; null: the first ones. */
    CompletionStage<List<Place>> next(@Nullable Place after, int limit);

    /** Sorted sets that together hold the jobs; empty if they are so few that they are known. */
    default List<Range> ranges() {
      return List.of();
    }

    /** Returns the next jobs after a place, {@code limit} at most. */
    default CompletionStage<Slice> slice(
        @Nullable RedisTextSearch search, @Nullable Place after, int limit) {
      return search != null && !ranges().isEmpty()
          ? search.next(ranges(), after, limit)
          : next(after, limit + 1).thenApply(places -> Slice.of(places, limit));
    }
  }

  /**
   * The sources of a store.
   *
   * @param terms says whether lists may use the indexes of ids and terms
   */
  RedisListSources(Redis redis, RedisShards shards, RedisTermFill terms) {
    this.redis = redis;
    this.shards = shards;
    this.terms = terms;
  }

  /**
   * Chooses the index for a page. If several would do, it is the one that gets furthest with the
   * same number of jobs. The next page may use another one: a place is the same in all of them.
   */
  CompletionStage<Source> source(JobQuery query, @Nullable Place after) {
    JobFilter filter = query.filter();
    Source usual = source(ranges(filter), query.newestFirst());
    if (filter.getTenantId().isEmpty() || !terms.isDone()) {
      return CompletableFuture.completedStage(usual);
    }
    RedisShard shard = shards.of(filter.getTenantId());
    List<Source> sources = new ArrayList<>(List.of(usual));
    for (List<String> way : IndexTerms.ways(filter)) {
      List<Range> ranges =
          way.stream()
              .map(
                  term ->
                      new Range(
                          shard,
                          shard.index(RedisIndexes.TERM, filter.getTenantId(), term),
                          filter.getTenantId()))
              .toList();
      sources.add(source(ranges, query.newestFirst()));
    }
    return filter.getIdPrefix().isEmpty()
        ? furthest(sources, query.newestFirst(), after)
        : prefixed(shard, filter, query.newestFirst())
            .thenCompose(
                prefixed ->
                    prefixed.isPresent()
                        ? CompletableFuture.completedStage(prefixed.get())
                        : furthest(sources, query.newestFirst(), after));
  }

  private Source source(List<Range> ranges, boolean newestFirst) {
    return new Source() {
      @Override
      public CompletionStage<List<Place>> next(@Nullable Place after, int limit) {
        return RedisListSources.this.next(ranges, newestFirst, after, limit);
      }

      @Override
      public List<Range> ranges() {
        return ranges;
      }
    };
  }

  private static CompletionStage<Source> furthest(
      List<Source> sources, boolean newestFirst, @Nullable Place after) {
    if (sources.size() == 1) {
      return CompletableFuture.completedStage(sources.get(0));
    }
    Map<Source, CompletionStage<List<Place>>> asked = new LinkedHashMap<>();
    sources.forEach(source -> asked.put(source, source.next(after, PROBE)));
    return RedisJobReader.all(asked)
        .thenApply(
            answered -> {
              Source best = sources.get(0);
              Place furthest = null;
              for (Map.Entry<Source, List<Place>> one : answered.entrySet()) {
                List<Place> places = one.getValue();
                if (places.size() < PROBE) {
                  return one.getKey();
                }
                Place reached = places.get(PROBE - 1);
                if (furthest == null || order(newestFirst).compare(reached, furthest) > 0) {
                  best = one.getKey();
                  furthest = reached;
                }
              }
              return best;
            });
  }

  /** The jobs whose ids have a prefix; empty if they are too many. */
  private CompletionStage<Optional<Source>> prefixed(
      RedisShard shard, JobFilter filter, boolean newestFirst) {
    String tenant = filter.getTenantId();
    RedisArguments args =
        new RedisArguments()
            .command(
                "ZRANGEBYLEX",
                shard.ids(tenant),
                "[" + filter.getIdPrefix(),
                "(" + filter.getIdPrefix() + AFTER_ID,
                "LIMIT",
                0,
                MAX_PREFIXED + 1);
    return redis
        .read(shard, args)
        .thenCompose(
            replies -> {
              List<String> ids =
                  ((List<?>) replies.get(0)).stream().map(RedisSnapshot::text).toList();
              return ids.size() > MAX_PREFIXED
                  ? CompletableFuture.completedStage(Optional.empty())
                  : numbered(shard, tenant, ids)
                      .thenApply(places -> Optional.of(source(places, order(newestFirst))));
            });
  }

  private static Source source(List<Place> places, Comparator<Place> order) {
    List<Place> sorted = places.stream().sorted(order).toList();
    return (after, limit) ->
        CompletableFuture.completedStage(
            sorted.stream()
                .filter(place -> after == null || order.compare(place, after) > 0)
                .limit(limit)
                .toList());
  }

  /** Returns the places of those jobs that exist. */
  private CompletionStage<List<Place>> numbered(
      RedisShard shard, String tenantId, List<String> ids) {
    if (ids.isEmpty()) {
      return CompletableFuture.completedStage(List.of());
    }
    List<JobKey> keys = ids.stream().map(id -> new JobKey(tenantId, id)).toList();
    List<Object> command = new ArrayList<>(List.of("ZMSCORE", shard.all()));
    keys.forEach(key -> command.add(RedisShard.member(key)));
    return redis
        .read(shard, new RedisArguments().command(command.toArray()))
        .thenApply(
            replies -> {
              List<?> scores = (List<?>) replies.get(0);
              List<Place> places = new ArrayList<>();
              for (int i = 0; i < keys.size(); i++) {
                if (scores.get(i) != null) {
                  places.add(new Place(score(scores.get(i)), keys.get(i)));
                }
              }
              return places;
            });
  }

  static Comparator<Place> order(boolean newestFirst) {
    return newestFirst ? Place.ORDER.reversed() : Place.ORDER;
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

  /** Returns the next jobs that may match, {@code limit} at most. */
  private CompletionStage<List<Place>> next(
      List<Range> ranges, boolean newestFirst, @Nullable Place after, int limit) {
    Map<RedisShard, List<Range>> split = byShard(ranges);
    Map<RedisShard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    split.forEach(
        (shard, some) -> {
          RedisArguments args = new RedisArguments();
          some.forEach(lane -> ask(args, lane, newestFirst, after, limit + TWINS));
          asked.put(shard, redis.read(shard, args));
        });
    Comparator<Place> order = order(newestFirst);
    return RedisJobReader.all(asked)
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

  static Map<RedisShard, List<Range>> byShard(List<Range> ranges) {
    Map<RedisShard, List<Range>> split = new LinkedHashMap<>();
    ranges.forEach(
        lane -> split.computeIfAbsent(lane.shard(), shard -> new ArrayList<>()).add(lane));
    return split;
  }

  /** The score of the first job after a place, which several jobs may have. */
  static Object from(@Nullable Place after, boolean newestFirst) {
    return after == null ? (newestFirst ? "+inf" : "-inf") : after.number();
  }

  private static void ask(
      RedisArguments to, Range lane, boolean newestFirst, @Nullable Place after, int limit) {
    to.command(
        newestFirst ? "ZREVRANGEBYSCORE" : "ZRANGEBYSCORE",
        lane.key(),
        from(after, newestFirst),
        newestFirst ? "-inf" : "+inf",
        "WITHSCORES",
        "LIMIT",
        0,
        limit);
  }

  static void places(Range lane, List<?> reply, List<Place> to) {
    for (int i = 0; i < reply.size(); i += 2) {
      String name = RedisSnapshot.text(reply.get(i));
      JobKey key =
          lane.tenantId().isEmpty()
              ? RedisShard.keyIfValid(name)
              : new JobKey(lane.tenantId(), name);
      if (key != null) {
        to.add(new Place(score(reply.get(i + 1)), key));
      }
    }
  }

  /** Parses a score; large ones may have an exponent. */
  static long score(Object bytes) {
    return (long) Double.parseDouble(RedisSnapshot.text(bytes));
  }
}
