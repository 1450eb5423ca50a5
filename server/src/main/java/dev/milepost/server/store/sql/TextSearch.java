package dev.milepost.server.store.sql;

import dev.milepost.server.job.SearchText;
import dev.milepost.v1.JobFilter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * A search through the texts of jobs, slice by slice: texts are compared within the engine, and
 * only the jobs whose texts match are read. Used by one thread.
 */
final class TextSearch {
  /** Texts of the first slice: enough where many match. */
  private static final int MIN_TEXTS = 1_000;

  /** Texts of a slice: some milliseconds. */
  private static final int MAX_TEXTS = 16_000;

  private final Statements sql;
  private final String wanted;
  private final boolean newestFirst;
  private int texts = MIN_TEXTS;

  /** A search for the text of a filter. */
  TextSearch(Statements sql, JobFilter filter, boolean newestFirst) {
    this.sql = sql;
    this.wanted = SearchText.wanted(filter);
    this.newestFirst = newestFirst;
  }

  /**
   * Searches the next texts.
   *
   * @param ranges the jobs to search, each in one of them
   * @param limit maximum number of matches
   */
  JobSlice next(List<NumberRange> ranges, long after, int limit) throws SQLException {
    Comparator<Long> order = newestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder();
    boolean isLast = true;
    long end = newestFirst ? Long.MIN_VALUE : Long.MAX_VALUE;
    for (NumberRange range : ranges) {
      OptionalLong reached = range.skip(sql, newestFirst, after, texts);
      if (reached.isPresent()) {
        isLast = false;
        end = order.compare(reached.getAsLong(), end) < 0 ? reached.getAsLong() : end;
      }
    }
    List<Long> found = new ArrayList<>();
    for (NumberRange range : ranges) {
      found.addAll(range.matching(sql, wanted, newestFirst, after, end, limit + 1));
    }
    found.sort(order);
    if (found.size() > limit) {
      List<Long> first = List.copyOf(found.subList(0, limit));
      return new JobSlice(first, limit, first.get(limit - 1), false);
    }
    int read = texts;
    texts = Math.min(2 * texts, MAX_TEXTS);
    return new JobSlice(found, read, end, isLast);
  }
}
