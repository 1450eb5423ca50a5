package dev.milepost.server.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.sql.SqlGroup;
import dev.milepost.v1.JobFilter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

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

  @Test
  void schemaOfTheFirstVersionIsMigrated() throws SQLException {
    harness().create("a");
    harness().store().close();
    // In that version, sizes were not counted.
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Connection connection = DriverManager.getConnection(parsed.jdbc(), parsed.properties());
        Statement sql = connection.createStatement()) {
      sql.execute("ALTER TABLE count DROP COLUMN bytes");
      sql.execute("ALTER TABLE total DROP COLUMN bytes");
      sql.execute("DELETE FROM flyway_schema_history WHERE version = '2'");
    }

    reopen();

    harness().create("b", StoreHarness.spec(20_000));
    assertThat(StoreHarness.ids(harness().list(JobFilter.getDefaultInstance(), false, 10)))
        .containsExactly("a", "b");
    assertThat(harness().storedBytes(JobFilter.getDefaultInstance())).isGreaterThan(20_000);
  }

  @Override
  public StoreDamage damage() {
    return new PostgresDamage(url);
  }
}
