package dev.milepost.server.store.redis;

import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.CountCell;
import dev.milepost.v1.JobState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares counts with the sizes of indexes, within one snapshot: servers may use the store
 * meanwhile. Notes them as well, to be compared cell by cell if nothing has changed. Blocks; used
 * by one thread.
 */
final class RedisCountCheck {
  private final Redis redis;
  private final RedisFindings findings;

  RedisCountCheck(Redis redis, RedisFindings findings) {
    this.redis = redis;
    this.findings = findings;
  }

  /** Checks the counts of a tenant. */
  void totals(RedisShard shard, String tenant) {
    Object known =
        redis
            .await(redis.read(shard, new RedisArguments().command("HGETALL", shard.totals(tenant))))
            .get(0);
    String name = "The counts of tenant " + tenant;
    List<?> fields = soundOrNamed(name, known);
    List<JobState> states =
        Stream.of(JobState.values()).filter(state -> state != JobState.UNRECOGNIZED).toList();
    List<String> types =
        RedisCounts.cells(tenant, "", fields).keySet().stream()
            .map(CountCell::type)
            .distinct()
            .toList();
    RedisArguments args = new RedisArguments().command("HGETALL", shard.totals(tenant));
    for (JobState state : states) {
      args.command("ZCARD", shard.index(RedisIndexes.STATE, tenant, state.getNumber()));
    }
    types.forEach(type -> args.command("ZCARD", shard.index(RedisIndexes.TYPE, tenant, type)));
    List<Object> replies = redis.await(redis.read(shard, args));
    Map<CountCell, CellCount> cells =
        replies.get(0) instanceof List<?> now ? RedisCounts.cells(tenant, "", now) : Map.of();
    int next = 1;
    for (JobState state : states) {
      compare(
          name + ", state " + state.getNumber(),
          sum(cells, cell -> cell.state() == state),
          replies.get(next++));
    }
    for (String type : types) {
      compare(
          name + ", type " + type,
          sum(cells, cell -> cell.type().equals(type)),
          replies.get(next++));
    }
    cells.forEach(
        (cell, count) ->
            findings
                .tally()
                .storedTotal(
                    tenant,
                    cell.type(),
                    cell.scope().getNumber(),
                    cell.state().getNumber(),
                    count.jobs()));
  }

  /** Checks the counts of a user. */
  void counts(RedisShard shard, String tenant, String user) {
    RedisArguments args =
        new RedisArguments()
            .command("HGETALL", shard.counts(tenant, user))
            .command("ZCARD", shard.index(RedisIndexes.USER, tenant, user));
    List<Object> replies = redis.await(redis.read(shard, args));
    String name = "The counts of user " + user + " of tenant " + tenant;
    List<?> fields = soundOrNamed(name, replies.get(0));
    Map<CountCell, CellCount> cells = RedisCounts.cells(tenant, user, fields);
    compare(name, sum(cells, cell -> true), replies.get(1));
    cells.forEach(
        (cell, count) ->
            findings
                .tally()
                .storedCount(
                    tenant,
                    cell.type(),
                    cell.scope().getNumber(),
                    cell.state().getNumber(),
                    user,
                    cell.projectId(),
                    count.jobs()));
  }

  /** Returns the fields of counts; what cannot be parsed of them is left out of all comparisons. */
  private List<?> soundOrNamed(String name, @Nullable Object reply) {
    List<?> fields = reply instanceof List<?> list ? list : List.of();
    if (!(reply instanceof List<?>) || !RedisCounts.isSound(fields)) {
      findings.found(name + " are damaged.");
    }
    return fields;
  }

  private static long sum(Map<CountCell, CellCount> cells, Predicate<CountCell> which) {
    return cells.entrySet().stream()
        .filter(cell -> which.test(cell.getKey()))
        .mapToLong(cell -> cell.getValue().jobs())
        .sum();
  }

  private void compare(String name, long counted, @Nullable Object size) {
    if (!Objects.equals(size, counted)) {
      findings.found(name + " are of " + counted + " jobs, and its index has " + size + ".");
    }
  }

  /** Checks that the jobs of an index by user, type or state are counted at all. */
  void index(RedisShard shard, String name, String counts) {
    RedisArguments args =
        new RedisArguments().command("EXISTS", shard.base() + name).command("EXISTS", counts);
    List<Object> replies = redis.await(redis.read(shard, args));
    if (Objects.equals(replies.get(0), 1L) && !Objects.equals(replies.get(1), 1L)) {
      findings.found("The jobs of the index " + name + " are not counted.");
    }
  }
}
