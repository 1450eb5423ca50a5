package dev.milepost.server.store.sqlite;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.server.job.IndexTerms;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.sql.Rows;
import dev.milepost.storage.v1.JobRecord;
import java.sql.Connection;
import java.sql.SQLException;
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
    ListValue.Builder terms = ListValue.newBuilder();
    if (job != null) {
      for (String term : IndexTerms.of(job.getJob())) {
        terms.addValues(Value.newBuilder().setStringValue(term));
      }
    }
    try {
      result(JsonFormat.printer().print(terms));
    } catch (InvalidProtocolBufferException e) {
      throw new SQLException("The terms of a job cannot be printed.", e);
    }
  }
}
