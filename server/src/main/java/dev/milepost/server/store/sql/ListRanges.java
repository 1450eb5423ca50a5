package dev.milepost.server.store.sql;

import dev.milepost.server.job.IndexTerms;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Index ranges that together hold every job that a filter can match, each in the order of creation.
 * The reader applies the rest of the filter.
 *
 * <p>If several indexes would do, each page uses the one that gets furthest with the same number of
 * jobs. A position is the number of a job, whichever index led to it, so the next page may use
 * another one.
 */
final class ListRanges {
  /** Jobs by which indexes are compared. */
  private static final int PROBE = 256;

  /** Texts that are read in the time that it takes to find that many by the jobs of an index. */
  private static final int PROBE_TEXTS = 1_024;

  /** Maximum number of jobs that the start of an id may select: they have to be sorted. */
  private static final int MAX_PREFIXED = 2_000;

  private static final String OF_PREFIX =
      "SELECT job_no FROM job %s WHERE tenant_id = ? AND id >= ? AND id < ? LIMIT ?";

  /** Follows every character of an id. */
  private static final char AFTER_ID = '\u007f';

  private final Statements sql;
  private final boolean newestFirst;
  private final List<Way> ways;
  private final @Nullable TextSearch search;
  private int best;

  /**
   * Ranges that together hold every job that matches, each job in one of them.
   *
   * @param probe number of jobs that cost as much as those of another way
   */
  private record Way(List<NumberRange> ranges, int probe) {}

  /** The sorted numbers of jobs whose ids have a prefix; empty if they are not known. */
  private Optional<List<Long>> prefixed = Optional.empty();

  /** Ranges for a filter. */
  ListRanges(Statements sql, JobFilter filter, boolean newestFirst) throws SQLException {
    this.sql = sql;
    this.newestFirst = newestFirst;
    this.ways = new ArrayList<>();
    String tenant = filter.getTenantId();
    if (!tenant.isEmpty() && !filter.getIdPrefix().isEmpty()) {
      prefixed = prefixed(tenant, filter.getIdPrefix());
    }
    boolean isSearch = !filter.getText().isEmpty();
    search = isSearch ? new TextSearch(sql, filter, newestFirst) : null;
    if (isSearch) {
      ways.add(new Way(List.of(NumberRange.ofTexts(tenant)), PROBE_TEXTS));
    }
    if (!isSearch || !tenant.isEmpty()) {
      ways.add(new Way(usual(filter), PROBE));
    }
    if (!tenant.isEmpty()) {
      for (List<String> terms : IndexTerms.ways(filter)) {
        ways.add(
            new Way(terms.stream().map(term -> NumberRange.ofTerm(tenant, term)).toList(), PROBE));
      }
    }
  }

  private List<NumberRange> usual(JobFilter filter) {
    String tenant = filter.getTenantId();
    if (tenant.isEmpty()) {
      return List.of(NumberRange.ofJobs(sql.dialect().noIndexHint(), "", List.of()));
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

  private NumberRange range(String index, String column, String tenant, Object value) {
    return NumberRange.ofJobs(
        sql.dialect().index("job_by_" + index),
        "tenant_id = ? AND " + column + " = ? AND",
        List.of(tenant, value));
  }

  private Comparator<Long> order() {
    return newestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder();
  }

  private Optional<List<Long>> prefixed(String tenant, String prefix) throws SQLException {
    List<Long> numbers = new ArrayList<>();
    String select = OF_PREFIX.formatted(sql.dialect().index("job_by_id"));
    try (ResultSet row =
        sql.of(select, tenant, prefix, prefix + AFTER_ID, MAX_PREFIXED + 1).executeQuery()) {
      while (row.next()) {
        numbers.add(row.getLong(1));
      }
    }
    numbers.sort(order());
    return numbers.size() > MAX_PREFIXED ? Optional.empty() : Optional.of(numbers);
  }

  /** Position before the first page. */
  long start() {
    return newestFirst ? Long.MAX_VALUE : 0;
  }

  /** Chooses the indexes for a page that starts after a position. */
  void choose(long after) throws SQLException {
    if (prefixed.isPresent() || ways.size() == 1) {
      return;
    }
    long furthest = after;
    for (int i = 0; i < ways.size(); i++) {
      int probe = ways.get(i).probe();
      List<Long> numbers = next(ways.get(i), after, probe);
      if (numbers.size() < probe) {
        best = i;
        return;
      }
      long reached = numbers.get(probe - 1);
      if (order().compare(reached, furthest) > 0) {
        best = i;
        furthest = reached;
      }
    }
  }

  /**
   * Finds the next jobs that may match.
   *
   * @param limit maximum number of jobs
   */
  JobSlice next(long after, int limit) throws SQLException {
    if (search != null && prefixed.isEmpty()) {
      return search.next(ways.get(best).ranges(), after, limit);
    }
    List<Long> numbers =
        prefixed.isPresent()
            ? prefixed.get().stream()
                .filter(number -> order().compare(number, after) > 0)
                .limit(limit + 1L)
                .toList()
            : next(ways.get(best), after, limit + 1);
    boolean isLast = numbers.size() <= limit;
    List<Long> first = isLast ? numbers : numbers.subList(0, limit);
    return new JobSlice(first, 0, first.isEmpty() ? after : first.get(first.size() - 1), isLast);
  }

  private List<Long> next(Way way, long after, int limit) throws SQLException {
    List<Long> numbers = new ArrayList<>();
    for (NumberRange range : way.ranges()) {
      numbers.addAll(range.next(sql, newestFirst, after, limit));
    }
    numbers.sort(order());
    return numbers.subList(0, Math.min(limit, numbers.size()));
  }
}
