package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.StoreDamage;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Damages what is in a schema. */
public record PostgresDamage(String url) implements StoreDamage {
  private static final String OF_JOB = " WHERE tenant_id = ? AND id = ?";
  private static final String GARBAGE = "'\\xffffff'";

  @Override
  public void jobs(List<JobKey> keys, Damage damage) {
    String update =
        switch (damage) {
          case GARBAGE -> "UPDATE job SET record = " + GARBAGE + OF_JOB;
          case EMPTY -> "UPDATE job SET record = ''" + OF_JOB;
          case SPEC -> "UPDATE job SET spec = " + GARBAGE + OF_JOB;
        };
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(update)) {
      for (JobKey key : keys) {
        statement.setString(1, key.tenantId());
        statement.setString(2, key.jobId());
        statement.addBatch();
      }
      statement.executeBatch();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void journal(JobKey key) {
    run("UPDATE job SET tail = " + GARBAGE + OF_JOB, key.tenantId(), key.jobId());
    run(
        "UPDATE journal SET run = "
            + GARBAGE
            + " WHERE job_no IN (SELECT job_no FROM job"
            + OF_JOB
            + ")",
        key.tenantId(),
        key.jobId());
  }

  @Override
  public void item(JobKey key, String itemId) {
    run(
        "UPDATE item SET item = "
            + GARBAGE
            + " WHERE id = ? AND job_no IN (SELECT job_no FROM job"
            + OF_JOB
            + ")",
        itemId,
        key.tenantId(),
        key.jobId());
  }

  /** Returns the number of terms of all jobs. */
  public long terms() {
    try (Connection connection = connect();
        PreparedStatement count = connection.prepareStatement("SELECT count(*) FROM term");
        ResultSet row = count.executeQuery()) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run(String update, String... values) {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(update)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Connection connect() throws SQLException {
    PostgresUrl parsed = PostgresUrl.of(url);
    return DriverManager.getConnection(parsed.jdbc(), parsed.properties());
  }
}
