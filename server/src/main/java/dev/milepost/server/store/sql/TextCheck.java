package dev.milepost.server.store.sql;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.SearchText;
import dev.milepost.storage.v1.JobRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares the texts in which filters search with the jobs, while both are read in the order of
 * their numbers. Used once, by one thread.
 */
final class TextCheck {
  private static final String TEXTS =
      "SELECT job_no, tenant_id, text FROM search_text ORDER BY job_no";

  private final Statements sql;
  private final int fetch;
  private final Consumer<String> found;

  /** The texts, of which {@link #next} was read last; null before the first one. */
  private @Nullable ResultSet texts;

  private Row next = Row.END;
  private boolean hasFailed;

  /** A text. Behind the last one, the number is higher than that of every job. */
  private record Row(long number, String tenantId, String text) {
    static final Row END = new Row(Long.MAX_VALUE, "", "");
  }

  /**
   * A check on this connection.
   *
   * @param fetch rows that are read at a time; 0: the driver decides
   * @param found takes each finding as a sentence
   */
  TextCheck(Statements sql, int fetch, Consumer<String> found) {
    this.sql = sql;
    this.fetch = fetch;
    this.found = found;
  }

  /**
   * Compares the text of the next job.
   *
   * @param record null if the job cannot be read
   */
  void compare(long number, JobKey key, @Nullable JobRecord record) {
    passUntil(number);
    if (hasFailed) {
      return;
    }
    boolean isThere = next.number() == number;
    if (record != null && !(isThere && isOf(record))) {
      found.accept(
          "Job %s of tenant %s: its search text is %s."
              .formatted(
                  key.jobId(), key.tenantId(), isThere ? "not that of its record" : "missing"));
    }
    if (isThere) {
      advance();
    }
  }

  /** Checks what is left after the last job. */
  void end() {
    passUntil(Long.MAX_VALUE);
  }

  private void passUntil(long number) {
    if (texts == null && !hasFailed) {
      advance();
    }
    while (next.number() < number) {
      found.accept(
          "A search text belongs to job number %d, which does not exist.".formatted(next.number()));
      advance();
    }
  }

  private boolean isOf(JobRecord record) {
    return next.tenantId().equals(record.getJob().getTenantId())
        && next.text().equals(SearchText.of(record.getJob()));
  }

  private void advance() {
    next = Row.END;
    try {
      ResultSet row = texts == null ? query() : texts;
      if (!hasFailed && row.next()) {
        next = new Row(row.getLong(1), text(row, 2), text(row, 3));
      }
      texts = row;
    } catch (SQLException e) {
      hasFailed = true;
      found.accept("The search texts cannot all be read: " + e.getMessage() + ".");
    }
  }

  private ResultSet query() throws SQLException {
    PreparedStatement query = sql.of(TEXTS);
    query.setFetchSize(fetch);
    return query.executeQuery();
  }

  private static String text(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }
}
