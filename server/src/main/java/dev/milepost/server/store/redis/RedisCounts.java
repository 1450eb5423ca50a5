package dev.milepost.server.store.redis;

import dev.milepost.server.store.CountCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a group changes the counts of jobs. Counts are kept in hashes: one for each user, and one for
 * each tenant that does not distinguish users and projects, of which there can be many.
 */
final class RedisCounts {
  private final RedisShard shard;
  private final Map<Cell, Long> changes = new LinkedHashMap<>();
  private final Set<Cell> names = new LinkedHashSet<>();

  /** A field of a hash, or a member of a set. */
  private record Cell(String key, String field) {}

  RedisCounts(RedisShard shard) {
    this.shard = shard;
  }

  /** Counts the change of a job; null if it is new or removed. */
  void move(@Nullable JobRecord before, @Nullable JobRecord after) {
    if (before != null) {
      add(CountCell.of(before), -1);
    }
    if (after != null) {
      CountCell cell = CountCell.of(after);
      add(cell, 1);
      if (before == null) {
        names.add(new Cell(shard.tenants(), cell.tenantId()));
        names.add(new Cell(shard.users(cell.tenantId()), cell.userId()));
      }
    }
  }

  private void add(CountCell cell, long jobs) {
    String field = cell.state().getNumber() + " " + cell.scope().getNumber() + " " + cell.type();
    changes.merge(new Cell(shard.totals(cell.tenantId()), field), jobs, Long::sum);
    changes.merge(
        new Cell(shard.counts(cell.tenantId(), cell.userId()), field + " " + cell.projectId()),
        jobs,
        Long::sum);
  }

  void write(RedisArguments to) {
    names.forEach(name -> to.command("SADD", name.key(), name.field()));
    changes.forEach(
        (cell, jobs) -> {
          if (jobs != 0) {
            to.command("HINCRBY", cell.key(), cell.field(), jobs);
          }
        });
  }

  /** Parses a field. Only its last part, the project, may contain spaces. */
  static CountCell cell(String tenantId, String userId, String field) {
    String[] parts = field.split(" ", 4);
    return new CountCell(
        tenantId,
        userId,
        parts.length == 4 ? parts[3] : "",
        parts[2],
        known(JobScope.forNumber(Integer.parseInt(parts[1])), JobScope.UNRECOGNIZED),
        known(JobState.forNumber(Integer.parseInt(parts[0])), JobState.UNRECOGNIZED));
  }

  private static <T> T known(@Nullable T value, T otherwise) {
    return value == null ? otherwise : value;
  }
}
