package dev.milepost.server.store.sqlite;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.sql.Statements;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Damages what is in a file. A store that has it open may remember running jobs. */
public record SqliteDamage(Path file) implements StoreDamage {
  private static final String OF_JOB = " WHERE tenant_id = ? AND id = ?";

  @Override
  public void jobs(List<JobKey> keys, Damage damage) {
    String update =
        switch (damage) {
          case GARBAGE -> "UPDATE job SET record = x'ffffff'" + OF_JOB;
          case EMPTY -> "UPDATE job SET record = x''" + OF_JOB;
          case SPEC -> "UPDATE job SET spec = x'ffffff'" + OF_JOB;
        };
    keys.forEach(key -> run(update, key.tenantId(), key.jobId()));
  }

  @Override
  public void journal(JobKey key) {
    run("UPDATE job SET tail = x'ffffff'" + OF_JOB, key.tenantId(), key.jobId());
    run(
        "UPDATE journal SET run = x'ffffff' WHERE job_no IN (SELECT job_no FROM job" + OF_JOB + ")",
        key.tenantId(),
        key.jobId());
  }

  @Override
  public void item(JobKey key, String itemId) {
    run(
        "UPDATE item SET item = x'ffffff' WHERE id = ? AND job_no IN (SELECT job_no FROM job"
            + OF_JOB
            + ")",
        itemId,
        key.tenantId(),
        key.jobId());
  }

  /** Returns the number of terms of all jobs. */
  public long terms() {
    try (Statements sql = SqliteConnections.writer(file, 0);
        ResultSet row = sql.of("SELECT count(*) FROM term").executeQuery()) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run(String update, Object... values) {
    try (Statements sql = SqliteConnections.writer(file, 0)) {
      sql.of(update, values).executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
