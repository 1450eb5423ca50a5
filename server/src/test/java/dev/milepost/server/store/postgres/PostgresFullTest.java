package dev.milepost.server.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Postgres;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Kind;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A PostgreSQL that has no room for a change: it says so with SQLSTATE 53100. */
class PostgresFullTest {
  private final SettableClock clock = new SettableClock();
  private final String url = Postgres.emptyStore();

  private StoreHarness open() {
    return new StoreHarness(
        PostgresJobStore.open(
            url, clock, StoreHarness.CAP, PostgresJobStoreTest.TEST_CLOCK, CommitObserver.NONE),
        clock);
  }

  /**
   * @param when the statement that finds no room, or the commit
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRIGGER full_disk BEFORE INSERT OR UPDATE ON job",
        "CONSTRAINT TRIGGER full_disk AFTER INSERT ON job DEFERRABLE INITIALLY DEFERRED"
      })
  void changesAreRefusedUntilThereIsRoom(String when) throws SQLException {
    StoreHarness store = open();
    JobRecord created = store.create("a");
    PostgresUrl parsed = PostgresUrl.of(url);
    try (Connection connection = DriverManager.getConnection(parsed.jdbc(), parsed.properties());
        Statement sql = connection.createStatement()) {
      sql.execute(
          "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
              + " RAISE EXCEPTION 'could not extend file: No space left on device'"
              + " USING ERRCODE = '53100'; END $$");
      sql.execute("CREATE " + when + " FOR EACH ROW EXECUTE FUNCTION no_room()");

      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> store.create("b"))
            .isInstanceOfSatisfying(
                StoreException.class,
                e -> {
                  assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                  assertThat(e.kind()).isEqualTo(Kind.FULL);
                })
            .hasMessage("The database's disk is full. Free some space.");
      }
      assertThat(store.get("a")).contains(created);
      assertThat(store.get("b")).isEmpty();
      assertThat(store.store().health().space().isUp()).isFalse();
      assertThat(store.store().health().engine().isUp()).isTrue();

      sql.execute("DROP TRIGGER full_disk ON job");
      JobRecord later = store.create("b");
      assertThat(store.get("b")).contains(later);
      assertThat(store.get("a")).contains(created);
    }
    store.store().close();
  }
}
