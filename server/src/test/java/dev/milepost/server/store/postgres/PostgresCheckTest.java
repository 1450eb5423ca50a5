package dev.milepost.server.store.postgres;

import static dev.milepost.server.store.StoreHarness.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Findings;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.WithoutChecksums;
import dev.milepost.server.store.open.StoreChecks;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A check of a PostgreSQL store finds what is damaged, and changes nothing. */
class PostgresCheckTest {
  private final String url = Postgres.emptyStore();
  private final SettableClock clock = new SettableClock();
  private StoreHarness store;

  @BeforeEach
  void fill() {
    store =
        new StoreHarness(
            PostgresJobStore.open(
                url, clock, StoreHarness.CAP, PostgresJobStoreTest.TEST_CLOCK, CommitObserver.NONE),
            clock);
    WithoutChecksums.fill(store);
  }

  @AfterEach
  void close() {
    store.store().close();
  }

  private List<String> findings() {
    return Findings.of(progress -> StoreChecks.run(url, progress));
  }

  private void sql(String... statements) throws SQLException {
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Connection connection = DriverManager.getConnection(parsed.jdbc(), parsed.properties());
        Statement sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.execute(statement);
      }
    }
  }

  @Test
  void aSoundStoreIsReadWhileAServerUsesIt() {
    StoreCheck check = StoreChecks.run(url, Findings.ignored());
    assertThat(check.findings()).isZero();
    assertThat(check.jobs()).isEqualTo(4);
    assertThat(check.items()).isEqualTo(2);
    assertThat(check.requests()).isEqualTo(1);
    assertThat(check.runs()).isPositive();

    store.create("later");
    assertThat(StoreChecks.run(url, Findings.ignored()).jobs()).isEqualTo(5);
  }

  @Test
  void damagedRowsAreNamed() throws SQLException {
    PostgresDamage damage = new PostgresDamage(url);
    damage.jobs(List.of(key("long")), StoreDamage.Damage.GARBAGE);
    damage.journal(key("a"));
    damage.item(key("items"), "x");
    sql(
        "UPDATE request SET expire_micros = expire_micros - 1",
        "UPDATE total SET jobs = jobs + 3",
        "UPDATE job SET state = 5 WHERE id = 'once'");

    assertThat(findings())
        .contains(
            "Job long of tenant acme: its record is damaged.",
            "Job a of tenant acme: the end of its journal is damaged.",
            "Job once of tenant acme: its row has another state than its record.",
            "Item x of job items of tenant acme is damaged.",
            "A remembered request is damaged.")
        .anyMatch(finding -> finding.matches("The journal entries up to \\d+ of job a of .*"))
        .anyMatch(finding -> finding.startsWith("The count of tenant acme, type sync"));
  }

  @Test
  void partsWithoutAJobAreNamed() throws SQLException {
    sql(
        "DELETE FROM job WHERE id = 'items'",
        "DELETE FROM search_text WHERE job_no = (SELECT job_no FROM job WHERE id = 'long')",
        "UPDATE search_text SET text = NULL WHERE job_no = (SELECT job_no FROM job WHERE id ="
            + " 'a')");
    assertThat(findings())
        .contains(
            "Job long of tenant acme: its search text is missing.",
            "Job a of tenant acme: its search text is not that of its record.")
        .anyMatch(finding -> finding.startsWith("A search text belongs to job number "))
        .anyMatch(finding -> finding.matches("Item x belongs to job number \\d+, which does not.*"))
        .anyMatch(finding -> finding.startsWith("The count of tenant acme"));
  }

  @Test
  void tablesOfOtherVersionsAndNoTablesAreRefused() throws SQLException {
    sql("DELETE FROM flyway_schema_history WHERE version::int >= 3");
    assertThatThrownBy(this::findings)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("written by an earlier version of Milepost");
    sql("DELETE FROM flyway_schema_history WHERE version IS NOT NULL");
    assertThatThrownBy(() -> StoreChecks.run(Postgres.emptyStore(), Findings.ignored()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("There are no tables of Milepost in schema test_");
    assertThatThrownBy(() -> PostgresCheck.run("postgresql://localhost:1/none", Findings.ignored()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be reached");
  }
}
