package dev.milepost.server.store.redis;

import dev.milepost.server.store.CellCount;
import dev.milepost.server.store.CountCell;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a group changes the counts of jobs. Counts are kept in hashes: one for each user, and one for
 * each tenant that does not distinguish users and projects, of which there can be many. Each cell
 * has a field for the number of jobs, and one with a prefix for their size.
 */
final class RedisCounts {
  /** Begins the name of a field with bytes. Those with jobs begin with a digit. */
  private static final String BYTES = "b";

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern SMALL = Pattern.compile("[0-9]{1,9}");

  private final RedisShard shard;
  private final Map<Cell, CellCount> changes = new LinkedHashMap<>();
  private final Set<Cell> names = new LinkedHashSet<>();

  /** A field of a hash, or a member of a set. */
  private record Cell(String key, String field) {}

  RedisCounts(RedisShard shard) {
    this.shard = shard;
  }

  /** Counts the change of a job; null if it is new or removed. */
  void move(@Nullable JobRecord before, @Nullable JobRecord after) {
    if (before != null) {
      add(CountCell.of(before), CellCount.of(before).negated());
    }
    if (after != null) {
      CountCell cell = CountCell.of(after);
      add(cell, CellCount.of(after));
      if (before == null) {
        names.add(new Cell(shard.tenants(), cell.tenantId()));
        names.add(new Cell(shard.users(cell.tenantId()), cell.userId()));
      }
    }
  }

  private void add(CountCell cell, CellCount change) {
    changes.merge(new Cell(shard.totals(cell.tenantId()), total(cell)), change, CellCount::plus);
    changes.merge(
        new Cell(shard.counts(cell.tenantId(), cell.userId()), field(cell)),
        change,
        CellCount::plus);
  }

  void write(RedisArguments to) {
    names.forEach(name -> to.command("SADD", name.key(), name.field()));
    changes.forEach(
        (cell, change) -> {
          // The script deletes both fields when no job is left.
          increase(to, cell.key(), BYTES + cell.field(), change.bytes());
          increase(to, cell.key(), cell.field(), change.jobs());
        });
  }

  private static void increase(RedisArguments to, String key, String field, long change) {
    if (change != 0) {
      to.command("HINCRBY", key, field, change);
    }
  }

  private static String total(CountCell cell) {
    return cell.state().getNumber() + " " + cell.scope().getNumber() + " " + cell.type();
  }

  /** Name of a cell's field in the hash of its user. */
  private static String field(CountCell cell) {
    return total(cell) + " " + cell.projectId();
  }

  /** Adds the command that reads a cell of a user's hash. */
  static void ask(RedisArguments to, RedisShard shard, CountCell cell) {
    String field = field(cell);
    to.command("HMGET", shard.counts(cell.tenantId(), cell.userId()), field, BYTES + field);
  }

  /** Parses what {@link #ask} returns. */
  static CellCount count(List<?> reply) {
    return new CellCount(number(reply.get(0)), number(reply.get(1)));
  }

  private static long number(@Nullable Object reply) {
    return reply instanceof byte[] digits ? Long.parseLong(RedisSnapshot.text(digits)) : 0;
  }

  /**
   * Parses a hash: fields, each followed by its value. Leaves out what is damaged, so that it fails
   * no others.
   */
  static Map<CountCell, CellCount> cells(String tenantId, String userId, List<?> fields) {
    Map<CountCell, CellCount> cells = new HashMap<>();
    for (int i = 0; i < fields.size(); i += 2) {
      String field = RedisSnapshot.text(fields.get(i));
      boolean isBytes = field.startsWith(BYTES);
      CountCell cell = cell(tenantId, userId, isBytes ? field.substring(BYTES.length()) : field);
      if (cell != null && isNumber(fields.get(i + 1))) {
        long number = number(fields.get(i + 1));
        cells.merge(
            cell, isBytes ? new CellCount(0, number) : new CellCount(number, 0), CellCount::plus);
      }
    }
    return cells;
  }

  /** Whether everything in a hash can be parsed. */
  static boolean isSound(List<?> fields) {
    for (int i = 0; i < fields.size(); i += 2) {
      String field = RedisSnapshot.text(fields.get(i));
      String name = field.startsWith(BYTES) ? field.substring(BYTES.length()) : field;
      if (cell("", "", name) == null || !isNumber(fields.get(i + 1))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNumber(Object value) {
    return NUMBER.matcher(RedisSnapshot.text(value)).matches();
  }

  /** Parses a field; null if it is damaged. Only its last part, the project, may contain spaces. */
  private static @Nullable CountCell cell(String tenantId, String userId, String field) {
    String[] parts = field.split(" ", 4);
    if (parts.length < 3
        || !SMALL.matcher(parts[0]).matches()
        || !SMALL.matcher(parts[1]).matches()) {
      return null;
    }
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
