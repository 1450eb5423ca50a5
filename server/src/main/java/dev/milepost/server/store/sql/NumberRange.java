package dev.milepost.server.store.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;

/**
 * A part of a table or of an index that has numbers of jobs in their order. It is read from a
 * position on, in either direction.
 *
 * @param table the table, with a hint for the index
 * @param where condition for the rows of this part, which ends with AND; may be empty
 * @param values its values
 * @param contains condition for the rows whose jobs match a text, with one {@code %s} for the
 *     engine's function; a text that is not known matches
 * @param containsValues its values, before the text itself
 */
record NumberRange(
    String table, String where, List<Object> values, String contains, List<Object> containsValues) {
  private static final String TEXT_OF_JOB =
      "COALESCE((SELECT %%s(t.text, ?) FROM search_text AS t WHERE t.job_no = %s.job_no), 1) > 0";
  private static final String TEXT_OF_ROW = "COALESCE(%s(text, ?), 1) > 0";

  /** The jobs of an index. */
  static NumberRange ofJobs(String hint, String where, List<Object> values) {
    return new NumberRange("job " + hint, where, values, TEXT_OF_JOB.formatted("job"), List.of());
  }

  /** The jobs with a term. */
  static NumberRange ofTerm(String tenantId, String term) {
    return new NumberRange(
        "term",
        "tenant_id = ? AND term = ? AND",
        List.of(tenantId, term),
        TEXT_OF_JOB.formatted("term"),
        List.of());
  }

  /**
   * All texts in the order of their jobs, of which those of a tenant may match.
   *
   * @param tenantId empty: those of all tenants
   */
  static NumberRange ofTexts(String tenantId) {
    return tenantId.isEmpty()
        ? new NumberRange("search_text", "", List.of(), TEXT_OF_ROW, List.of())
        : new NumberRange(
            "search_text", "", List.of(), "tenant_id = ? AND " + TEXT_OF_ROW, List.of(tenantId));
  }

  /** Reads numbers of jobs after a position, at most so many. */
  List<Long> next(Statements sql, boolean newestFirst, long after, int limit) throws SQLException {
    return numbers(sql, "LIMIT ?", newestFirst, after, limit);
  }

  /** Returns the position after so many jobs; empty if there are not as many. */
  OptionalLong skip(Statements sql, boolean newestFirst, long after, int jobs) throws SQLException {
    List<Long> last = numbers(sql, "LIMIT 1 OFFSET ?", newestFirst, after, jobs - 1);
    return last.isEmpty() ? OptionalLong.empty() : OptionalLong.of(last.get(0));
  }

  private List<Long> numbers(
      Statements sql, String limit, boolean newestFirst, long after, int limitValue)
      throws SQLException {
    String select =
        newestFirst
            ? "SELECT job_no FROM %s WHERE %s job_no < ? ORDER BY job_no DESC %s"
            : "SELECT job_no FROM %s WHERE %s job_no > ? ORDER BY job_no ASC %s";
    List<Object> all = new ArrayList<>(values);
    Collections.addAll(all, after, limitValue);
    return read(sql, select.formatted(table, where, limit), all);
  }

  /**
   * Reads the numbers of jobs between two positions whose texts contain another one, at most so
   * many.
   *
   * @param text what is searched for, folded
   * @param through position of the last job; it may be beyond all jobs
   */
  List<Long> matching(
      Statements sql, String text, boolean newestFirst, long after, long through, int limit)
      throws SQLException {
    String select =
        newestFirst
            ? "SELECT job_no FROM %s WHERE %s job_no < ? AND job_no >= ? AND %s"
                + " ORDER BY job_no DESC LIMIT ?"
            : "SELECT job_no FROM %s WHERE %s job_no > ? AND job_no <= ? AND %s"
                + " ORDER BY job_no ASC LIMIT ?";
    List<Object> all = new ArrayList<>(values);
    Collections.addAll(all, after, through);
    all.addAll(containsValues);
    Collections.addAll(all, text, limit);
    String condition = contains.formatted(sql.dialect().positionFunction());
    return read(sql, select.formatted(table, where, condition), all);
  }

  private static List<Long> read(Statements sql, String select, List<Object> values)
      throws SQLException {
    List<Long> numbers = new ArrayList<>();
    try (ResultSet row = sql.of(select, values.toArray()).executeQuery()) {
      while (row.next()) {
        numbers.add(row.getLong(1));
      }
    }
    return numbers;
  }
}
