package dev.milepost.server.store.sql;

import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Index ranges that together hold every job that a filter can match, each in the order of creation.
 * The reader applies the rest of the filter.
 */
final class ListRanges {
  private final Statements sql;
  private final boolean newestFirst;
  private final List<Range> ranges;

  /** An index hint, the condition on the index's columns, and its values. */
  private record Range(String index, String where, List<Object> values) {}

  ListRanges(Statements sql, JobFilter filter, boolean newestFirst) {
    this.sql = sql;
    this.newestFirst = newestFirst;
    this.ranges = choose(filter);
  }

  private List<Range> choose(JobFilter filter) {
    String tenant = filter.getTenantId();
    if (tenant.isEmpty()) {
      return List.of(new Range(sql.dialect().noIndexHint(), "", List.of()));
    }
    if (!filter.getParentId().isEmpty()) {
      return List.of(range("parent", "parent_id", tenant, filter.getParentId()));
    }
    if (!filter.getUserId().isEmpty()) {
      return List.of(range("user", "user_id", tenant, filter.getUserId()));
    }
    if (filter.getStatesCount() == 0 && filter.getTypesCount() > 0) {
      return filter.getTypesList().stream()
          .distinct()
          .map(type -> range("type", "type", tenant, type))
          .toList();
    }
    Stream<JobState> states =
        filter.getStatesCount() == 0
            ? Stream.of(JobState.values()).filter(state -> state != JobState.UNRECOGNIZED)
            : filter.getStatesList().stream().distinct();
    return states.map(state -> range("state", "state", tenant, state.getNumber())).toList();
  }

  private Range range(String index, String column, String tenant, Object value) {
    return new Range(
        sql.dialect().index("job_by_" + index),
        "tenant_id = ? AND " + column + " = ? AND",
        List.of(tenant, value));
  }

  /** Position before the first page. */
  long start() {
    return newestFirst ? Long.MAX_VALUE : 0;
  }

  /** Returns the next numbers of jobs that may match, {@code limit} at most. */
  List<Long> next(long after, int limit) throws SQLException {
    List<Long> numbers = new ArrayList<>();
    for (Range range : ranges) {
      add(numbers, range, after, limit);
    }
    numbers.sort(newestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder());
    return numbers.subList(0, Math.min(limit, numbers.size()));
  }

  private void add(List<Long> numbers, Range range, long after, int limit) throws SQLException {
    String select =
        "SELECT job_no FROM job %s WHERE %s job_no %s ? ORDER BY job_no %s LIMIT ?"
            .formatted(
                range.index(),
                range.where(),
                newestFirst ? "<" : ">",
                newestFirst ? "DESC" : "ASC");
    List<Object> values = new ArrayList<>(range.values());
    values.addAll(List.of(after, limit));
    try (ResultSet row = sql.of(select, values.toArray()).executeQuery()) {
      while (row.next()) {
        numbers.add(row.getLong(1));
      }
    }
  }
}
