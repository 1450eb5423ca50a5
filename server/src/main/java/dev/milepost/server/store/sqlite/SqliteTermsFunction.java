package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.IndexTerms;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.storage.v1.JobRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.sqlite.Function;

/**
 * The SQL function {@code terms(tenant_id, id, record, spec)}, with which a migration indexes the
 * jobs of earlier versions: the terms of {@link IndexTerms} as a JSON array. Empty if the job
 * cannot be read.
 */
final class SqliteTermsFunction extends Function {
  private static final int ARGUMENTS = 4;

  private SqliteTermsFunction() {}

  /** Adds the function to a connection. */
  static void create(Connection connection) throws SQLException {
    Function.create(
        connection, "terms", new SqliteTermsFunction(), ARGUMENTS, Function.FLAG_DETERMINISTIC);
  }

  @Override
  protected void xFunc() throws SQLException {
    JobKey key = new JobKey(value_text(0), value_text(1));
    JobRecord job = Rows.job(value_blob(2), value_blob(3), key);
    result(
        job == null
            ? "[]"
            : IndexTerms.of(job.getJob()).stream()
                .map(SqliteTermsFunction::quoted)
                .collect(Collectors.joining(",", "[", "]")));
  }

  /** A text as JSON. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character < ' ' || character == '"' || character == '\\') {
        quoted.append("\\u%04x".formatted((int) character));
      } else {
        quoted.append(character);
      }
    }
    return quoted.append('"').toString();
  }
}
