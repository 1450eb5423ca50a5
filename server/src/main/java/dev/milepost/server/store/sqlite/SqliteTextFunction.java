package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.SearchText;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.storage.v1.JobRecord;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.Function;

/**
 * The SQL function {@code search_text(tenant_id, id, record, spec)}, with which a migration makes
 * the jobs of earlier versions searchable. Null if the job cannot be read.
 */
final class SqliteTextFunction extends Function {
  private static final int ARGUMENTS = 4;

  private SqliteTextFunction() {}

  /** Adds the function to a connection. */
  static void create(Connection connection) throws SQLException {
    Function.create(
        connection, "search_text", new SqliteTextFunction(), ARGUMENTS, FLAG_DETERMINISTIC);
  }

  @Override
  protected void xFunc() throws SQLException {
    JobKey key = new JobKey(value_text(0), value_text(1));
    JobRecord job = Rows.job(value_blob(2), value_blob(3), key);
    if (job == null) {
      result();
    } else {
      result(SearchText.of(job.getJob()));
    }
  }
}
