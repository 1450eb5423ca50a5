package dev.milepost.server.store.postgres;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** The tables and their migrations, which are SQL files. */
final class PostgresSchema {
  /** Where the SQL files of this version are. */
  static final String MIGRATIONS = "classpath:milepost/postgres";

  private PostgresSchema() {}

  /**
   * Creates the tables, or upgrades them to this version. All of it is one transaction, so a server
   * that is killed meanwhile leaves the tables as they were. Several servers may do this at once.
   *
   * @param migrations where the SQL files are
   * @throws StoreException if the tables are of a newer version, or cannot be upgraded; they are
   *     unchanged then
   */
  static void prepare(PostgresUrl url, String... migrations) {
    try {
      Flyway flyway = flyway(url, migrations);
      requireNotNewer(url, flyway);
      flyway.migrate();
    } catch (SQLException e) {
      throw PostgresFailures.notApplied(e);
    } catch (FlywayException e) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "The tables in schema "
              + url.schema()
              + " cannot be created or upgraded. Check that the user may create tables, and that"
              + " nothing else has changed them.",
          e);
    }
  }

  private static Flyway flyway(PostgresUrl url, String... migrations) throws SQLException {
    return Flyway.configure()
        .dataSource(PostgresConnections.source(url))
        .defaultSchema(url.schema())
        .createSchemas(true)
        .locations(migrations)
        .javaMigrations(new ChecksumMigration(), new TermMigration(), new TextMigration())
        .group(true)
        .load();
  }

  /**
   * Checks that the tables are of this version, and changes nothing.
   *
   * @throws StoreException if they are not, or do not exist
   */
  static void requireCurrent(PostgresUrl url) throws SQLException {
    Flyway flyway = flyway(url, MIGRATIONS);
    requireNotNewer(url, flyway);
    if (flyway.info().current() == null) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "There are no tables of Milepost in schema "
              + url.schema()
              + ". Check the store's URL, and its currentSchema.");
    }
    if (flyway.info().pending().length > 0) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "The tables in schema "
              + url.schema()
              + " were written by an earlier version of Milepost. Verify them with that version, or"
              + " start a server on them first, which upgrades them.");
    }
  }

  /** Flyway itself accepts migrations that it does not know. */
  private static void requireNotNewer(PostgresUrl url, Flyway flyway) {
    String known = "0";
    String newer = "";
    for (MigrationInfo migration : flyway.info().all()) {
      MigrationState state = migration.getState();
      if (state == MigrationState.FUTURE_SUCCESS || state == MigrationState.FUTURE_FAILED) {
        newer = String.valueOf(migration.getVersion());
      } else if (migration.isVersioned() && state.isResolved()) {
        known = String.valueOf(migration.getVersion());
      }
    }
    if (!newer.isEmpty()) {
      throw new StoreException(
          Outcome.NOT_APPLIED,
          "The tables in schema "
              + url.schema()
              + " were written by a newer version of Milepost: their schema is "
              + newer
              + ", and this server supports up to "
              + known
              + ". Upgrade this server, or restore a dump that it supports (docs/BACKUP.md).");
    }
  }
}
