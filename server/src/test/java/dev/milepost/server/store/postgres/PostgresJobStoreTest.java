package dev.milepost.server.store.postgres;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.sql.SqlGroup;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

class PostgresJobStoreTest extends DurableJobStoreContract {
  static final PostgresOptions TEST_CLOCK =
      new PostgresOptions(
          1_000,
          SqlGroup.MAX_BYTES,
          20_000,
          2,
          Duration.ofSeconds(1),
          Duration.ofMinutes(10),
          false);

  private final String url = Postgres.emptyStore();

  @Override
  protected JobStore open(SettableClock clock, int journalCap) {
    return PostgresJobStore.open(url, clock, journalCap, TEST_CLOCK, CommitObserver.NONE);
  }

  @Override
  public void damage(JobKey key, Damage damage) {
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Connection connection = DriverManager.getConnection(parsed.jdbc(), parsed.properties());
        PreparedStatement update =
            connection.prepareStatement(
                switch (damage) {
                  case GARBAGE ->
                      "UPDATE job SET status = '\\xffffff' WHERE tenant_id = ? AND id = ?";
                  case EMPTY -> "UPDATE job SET status = '' WHERE tenant_id = ? AND id = ?";
                  case SPEC -> "UPDATE job SET spec = '\\xffffff' WHERE tenant_id = ? AND id = ?";
                })) {
      update.setString(1, key.tenantId());
      update.setString(2, key.jobId());
      update.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
