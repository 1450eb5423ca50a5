package dev.milepost.server.store.redis;

import dev.milepost.server.store.CountCell;
import dev.milepost.server.store.CountQuery;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads counts. Thread-safe. */
final class CountReads {
  private final Redis redis;
  private final Shards shards;

  /** A hash of counts, and whose they are. */
  private record Table(Shard shard, String key, String tenantId, String userId) {}

  CountReads(Redis redis, Shards shards) {
    this.redis = redis;
    this.shards = shards;
  }

  CompletionStage<List<JobCount>> count(CountQuery query) {
    return tables(query)
        .thenCompose(
            tables -> {
              Map<Table, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
              for (Table table : tables) {
                Commands words = new Commands().command("HGETALL", table.key());
                asked.put(table, redis.read(table.shard(), words));
              }
              return JobReads.all(asked);
            })
        .thenApply(answered -> sum(query, answered));
  }

  private static List<JobCount> sum(CountQuery query, Map<Table, List<Object>> answered) {
    Map<JobCount, Long> groups = new HashMap<>();
    if (query.groups().isEmpty()) {
      groups.put(JobCount.getDefaultInstance(), 0L);
    }
    answered.forEach(
        (table, replies) -> {
          List<?> fields = (List<?>) replies.get(0);
          for (int i = 0; i < fields.size(); i += 2) {
            CountCell cell =
                Counts.cell(table.tenantId(), table.userId(), Snapshot.text(fields.get(i)));
            if (cell.matches(query.filter())) {
              long jobs = Long.parseLong(Snapshot.text(fields.get(i + 1)));
              groups.merge(cell.group(query.groups()), jobs, Long::sum);
            }
          }
        });
    return groups.entrySet().stream()
        .map(group -> group.getKey().toBuilder().setCount(group.getValue()).build())
        .toList();
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
                Shard shard = shards.of(name);
                if (!user.isEmpty()) {
                  tables.add(new Table(shard, shard.counts(name, user), name, user));
                } else if (byOwner) {
                  Commands words = new Commands().command("SMEMBERS", shard.users(name));
                  users.put(new Table(shard, "", name, ""), redis.read(shard, words));
                } else {
                  tables.add(new Table(shard, shard.totals(name), name, ""));
                }
              }
              return JobReads.all(users).thenApply(answered -> with(tables, answered));
            });
  }

  private static List<Table> with(List<Table> tables, Map<Table, List<Object>> users) {
    users.forEach(
        (tenant, replies) -> {
          for (Object user : (List<?>) replies.get(0)) {
            String name = Snapshot.text(user);
            String key = tenant.shard().counts(tenant.tenantId(), name);
            tables.add(new Table(tenant.shard(), key, tenant.tenantId(), name));
          }
        });
    return tables;
  }

  /** This tenant, or all that there are. */
  private CompletionStage<List<String>> tenants(String tenant) {
    if (!tenant.isEmpty()) {
      return CompletableFuture.completedStage(List.of(tenant));
    }
    Map<Shard, CompletionStage<List<Object>>> asked = new LinkedHashMap<>();
    for (Shard shard : shards.all()) {
      asked.put(shard, redis.read(shard, new Commands().command("SMEMBERS", shard.tenants())));
    }
    return JobReads.all(asked)
        .thenApply(
            answered ->
                answered.values().stream()
                    .flatMap(replies -> ((List<?>) replies.get(0)).stream())
                    .map(Snapshot::text)
                    .toList());
  }
}
