package dev.milepost.server.store.redis;

import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.CountQuery;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads counts of jobs. Thread-safe. */
final class RedisCountReader {
  private final Redis redis;
  private final RedisShards shards;

  /** A hash of counts, and its tenant and user. */
  private record Table(RedisShard shard, String key, String tenantId, String userId) {}

  RedisCountReader(Redis redis, RedisShards shards) {
    this.redis = redis;
    this.shards = shards;
  }

  CompletionStage<List<JobCount>> count(CountQuery query) {
    return cells(query).thenApply(query::sum);
  }

  /** Returns tenants with queued jobs. */
  CompletionStage<List<String>> queuedTenants(int limit) {
    return cells(new CountQuery(JobFilter.getDefaultInstance(), Set.of()))
        .thenApply(cells -> CountCell.queuedTenants(cells, limit));
  }

  private CompletionStage<Map<CountCell, CellCount>> cells(CountQuery query) {
    return tables(query)
        .thenCompose(
            tables -> {
              Map<Table, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
              for (Table table : tables) {
                RedisArguments args = new RedisArguments().command("HGETALL", table.key());
                asked.put(table, redis.read(table.shard(), args));
              }
              return RedisJobReader.all(asked);
            })
        .thenApply(RedisCountReader::cells);
  }

  private static Map<CountCell, CellCount> cells(Map<Table, List<Object>> answered) {
    Map<CountCell, CellCount> cells = new HashMap<>();
    answered.forEach(
        (table, replies) ->
            cells.putAll(
                RedisCounts.cells(table.tenantId(), table.userId(), (List<?>) replies.get(0))));
    return cells;
  }

  private CompletionStage<List<Table>> tables(CountQuery query) {
    String tenant = query.filter().getTenantId();
    String user = query.filter().getUserId();
    boolean byOwner =
        !query.filter().getProjectId().isEmpty()
            || query.groups().contains(JobGroup.JOB_GROUP_USER)
            || query.groups().contains(JobGroup.JOB_GROUP_PROJECT);
    return tenants(tenant)
        .thenCompose(
            tenants -> {
              List<Table> tables = new ArrayList<>();
              Map<Table, CompletionStage<List<Object>>> users = new LinkedHashMap<>();
              for (String name : tenants) {
                RedisShard shard = shards.of(name);
                if (!user.isEmpty()) {
                  tables.add(new Table(shard, shard.counts(name, user), name, user));
                } else if (byOwner) {
                  RedisArguments args = new RedisArguments().command("SMEMBERS", shard.users(name));
                  users.put(new Table(shard, "", name, ""), redis.read(shard, args));
                } else {
                  tables.add(new Table(shard, shard.totals(name), name, ""));
                }
              }
              return RedisJobReader.all(users).thenApply(answered -> with(tables, answered));
            });
  }

  private static List<Table> with(List<Table> tables, Map<Table, List<Object>> users) {
    users.forEach(
        (tenant, replies) -> {
          for (Object user : (List<?>) replies.get(0)) {
            String name = RedisSnapshot.text(user);
            String key = tenant.shard().counts(tenant.tenantId(), name);
            tables.add(new Table(tenant.shard(), key, tenant.tenantId(), name));
          }
        });
    return tables;
  }

  /** Returns this tenant; all tenants if it is empty. */
  private CompletionStage<List<String>> tenants(String tenant) {
    if (!tenant.isEmpty()) {
      return CompletableFuture.completedStage(List.of(tenant));
    }
    Map<RedisShard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    for (RedisShard shard : shards.all()) {
      asked.put(
          shard, redis.read(shard, new RedisArguments().command("SMEMBERS", shard.tenants())));
    }
    return RedisJobReader.all(asked)
        .thenApply(
            answered ->
                answered.values().stream()
                    .flatMap(replies -> ((List<?>) replies.get(0)).stream())
                    .map(RedisSnapshot::text)
                    .toList());
  }
}
