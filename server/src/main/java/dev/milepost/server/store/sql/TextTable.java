package dev.milepost.server.store.sql;

import dev.milepost.server.job.SearchText;
import dev.milepost.v1.Job;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The texts in which filters search, as the writer uses them. They have narrow rows of their own,
 * so that a search through very many jobs reads few pages.
 */
final class TextTable {
  private static final String INSERT =
      "INSERT INTO search_text (job_no, tenant_id, text) VALUES (?, ?, ?)";
  private static final String UPDATE =
      INSERT + " ON CONFLICT (job_no) DO UPDATE SET text = excluded.text";
  private static final String DELETE = "DELETE FROM search_text WHERE job_no = ?";

  private final Statements sql;

  /** A table on this connection. */
  TextTable(Statements sql) {
    this.sql = sql;
  }

  /**
   * Writes the text of a job if it differs from that of the previous version.
   *
   * @param before null: the job is new
   */
  void change(long number, @Nullable Job before, Job after) throws SQLException {
    if (before != null && before.getSpec().equals(after.getSpec())) {
      return;
    }
    String text = SearchText.of(after);
    if (before == null || !SearchText.of(before).equals(text)) {
      PreparedStatement put = sql.of(before == null ? INSERT : UPDATE);
      put.setLong(1, number);
      put.setString(2, after.getTenantId());
      put.setString(3, text);
      sql.write(put);
    }
  }

  /** Deletes the text of a job. */
  void delete(long number) throws SQLException {
    PreparedStatement delete = sql.of(DELETE);
    delete.setLong(1, number);
    sql.write(delete);
  }
}
