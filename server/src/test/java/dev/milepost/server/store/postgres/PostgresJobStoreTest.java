package dev.milepost.server.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.DurableJobStoreContract;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.TermLeftoversContract;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.WithoutChecksums;
import dev.milepost.server.store.WithoutTerms;
import dev.milepost.server.store.sql.SqlGroup;
import dev.milepost.v1.JobFilter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresJobStoreTest extends DurableJobStoreContract implements TermLeftoversContract {
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
    // In that version, sizes were not counted, and nothing had a checksum.
    sql(WithoutChecksums.statements());
    sql(
        List.of(
            "ALTER TABLE count DROP COLUMN bytes",
            "ALTER TABLE total DROP COLUMN bytes",
            "DELETE FROM flyway_schema_history WHERE CAST(version AS integer) > 1"));

    reopen();

    harness().create("b", StoreHarness.spec(20_000));
    assertThat(StoreHarness.ids(harness().list(JobFilter.getDefaultInstance(), false, 10)))
        .containsExactly("a", "b");
    assertThat(harness().storedBytes(JobFilter.getDefaultInstance())).isGreaterThan(20_000);
  }

  private void sql(List<String> statements) throws SQLException {
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Connection connection = DriverManager.getConnection(parsed.jdbc(), parsed.properties());
        Statement sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.execute(statement);
      }
    }
  }

  @Test
  void schemaWithoutChecksumsIsMigrated() throws SQLException {
    WithoutChecksums.fill(harness());
    List<Object> content = WithoutChecksums.content(harness());
    harness().store().close();
    sql(WithoutChecksums.statements());
    sql(List.of("DELETE FROM flyway_schema_history WHERE CAST(version AS integer) > 2"));

    reopen();

    WithoutChecksums.assertKept(harness(), content);
  }

  @Test
  void jobsOfASchemaWithoutTermsAreIndexed() throws SQLException {
    WithoutTerms.fill(harness());
    harness().store().close();
    sql(
        List.of(
            "DROP TABLE term",
            "DROP TABLE search_text",
            "DELETE FROM flyway_schema_history WHERE version IN ('5', '6', '7', '8')"));

    reopen();

    WithoutTerms.assertIndexed(harness());
  }

  @Test
  void jobsOfASchemaWithoutTextsAreFoundByThem() throws SQLException {
    WithoutTerms.fill(harness());
    harness().create("bad", StoreHarness.spec().setDisplayName("Bad"));
    harness().store().close();
    sql(
        List.of(
            "DROP TABLE search_text",
            "DELETE FROM flyway_schema_history WHERE version IN ('7', '8')"));
    damage().jobs(List.of(StoreHarness.key("bad")), StoreDamage.Damage.GARBAGE);

    reopen();

    WithoutTerms.assertIndexed(harness());
    // It is not known what it contains, so each search names it.
    JobFilter any = JobFilter.newBuilder().setText("anything").build();
    JobPage page =
        StoreHarness.await(harness().store().list(new JobQuery(any, true, Optional.empty(), 10)));
    assertThat(page.jobs()).isEmpty();
    assertThat(page.unreadable())
        .extracting(UnreadableJob::key)
        .containsExactly(StoreHarness.key("bad"));
  }

  @Test
  void newerSchemaIsRefused() throws SQLException {
    harness().store().close();
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Connection connection = DriverManager.getConnection(parsed.jdbc(), parsed.properties());
        Statement sql = connection.createStatement()) {
      sql.execute(
          "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
              + " checksum, installed_by, execution_time, success) VALUES (99, '99', 'later',"
              + " 'SQL', 'V99__later.sql', 1, 'later', 1, true)");

      assertThatThrownBy(this::reopen)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("written by a newer version of Milepost: their schema is 99,")
          .hasMessageContaining("this server supports up to ")
          .hasMessageContaining("docs/BACKUP.md");

      sql.execute("DELETE FROM flyway_schema_history WHERE version = '99'");
    }
    reopen();
  }

  /** The first of two steps is complete when the server is killed. */
  @Test
  void anUpgradeThatIsKilledBeginsAgain() throws Exception {
    harness().create("a");
    harness().store().close();
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Connection connection = DriverManager.getConnection(parsed.jdbc(), parsed.properties());
        Statement sql = connection.createStatement()) {
      sql.execute("SELECT pg_advisory_lock(4711)");
      Process child = ChildUpgrade.start(url);
      String waiting = "SELECT count(*) FROM pg_locks WHERE objid = 4711 AND NOT granted";
      await().atMost(Duration.ofSeconds(60)).until(() -> number(sql, waiting) > 0);
      child.destroyForcibly().waitFor();
      sql.execute("SELECT pg_advisory_unlock(4711)");

      reopen();

      assertThat(harness().get("a")).isPresent();
      String added =
          "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'added_later%'"
              + " AND schemaname = current_schema()";
      assertThat(number(sql, added)).isZero();
      harness().store().close();
      PostgresSchema.prepare(parsed, ChildUpgrade.MIGRATIONS);
      assertThat(number(sql, added)).isEqualTo(2);
    }
  }

  private static long number(Statement sql, String query) throws SQLException {
    try (ResultSet row = sql.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public StoreDamage damage() {
    return new PostgresDamage(url);
  }

  @Override
  public long terms() {
    return new PostgresDamage(url).terms();
  }
}
