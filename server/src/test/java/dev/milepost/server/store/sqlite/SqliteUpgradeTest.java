package dev.milepost.server.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.sql.Statements;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept before an upgrade of the schema, and what is left of one that is killed. */
class SqliteUpgradeTest {
  private static final String TABLES =
      "SELECT count(*) FROM sqlite_schema WHERE name = 'added_later'";

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void createDatabase() {
    file = directory.resolve("jobs.db");
    JobStore store = open();
    new StoreHarness(store, new SettableClock()).create("a");
    store.close();
  }

  private JobStore open() {
    return SqliteJobStore.open(file, new SettableClock(), StoreHarness.CAP, CommitObserver.NONE);
  }

  private static Statements connect(Path database) throws SQLException {
    return new Statements(
        DriverManager.getConnection("jdbc:sqlite:" + database), SqliteConnections.DIALECT);
  }

  private static long number(Path database, String query) throws SQLException {
    try (Statements sql = connect(database);
        ResultSet row = sql.of(query).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The steps of this version, and one of a later version. */
  static List<List<String>> laterSteps(String last) {
    List<List<String>> steps = new ArrayList<>(SqliteSchema.STEPS);
    steps.add(List.of("CREATE TABLE added_later (x)", "UPDATE job SET priority = 7", last));
    return steps;
  }

  @Test
  void aCopyIsKeptBeforeAnUpgrade() throws Exception {
    try (Statements sql = connect(file)) {
      SqliteSchema.prepare(sql, file, laterSteps("SELECT 1"));
    }

    Path copy = directory.resolve("jobs.db.before-v" + (SqliteSchema.VERSION + 1));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("rw-------");
    assertThat(number(file, "PRAGMA user_version")).isEqualTo(SqliteSchema.VERSION + 1);
    assertThat(number(copy, "PRAGMA user_version")).isEqualTo(SqliteSchema.VERSION);
    assertThat(number(copy, TABLES)).isZero();
    Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
    JobStore store = open();
    assertThat(new StoreHarness(store, new SettableClock()).get("a")).isPresent();
    store.close();
  }

  @Test
  void aNewFileAndOneOfThisVersionNeedNoCopy() throws IOException {
    open().close();

    try (var files = Files.list(directory)) {
      assertThat(files).noneMatch(name -> name.toString().contains(".before-v"));
    }
  }

  @Test
  void withoutRoomForTheCopyNothingIsUpgraded() throws Exception {
    try (Statements sql = connect(file)) {
      assertThatThrownBy(
              () -> SqliteUpgradeCopy.keep(sql, file, 1, SqliteSchema.VERSION, () -> 3 << 20))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("the disk has 3 MiB free. Free disk space, then start again.");
    }

    aNewFileAndOneOfThisVersionNeedNoCopy();
  }

  @Test
  void anUpgradeThatIsKilledBeginsAgain() throws Exception {
    Process child = ChildServer.start("upgrade", file);
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("upgrading");
    }
    child.destroyForcibly().waitFor();

    assertThat(number(file, "PRAGMA user_version")).isEqualTo(SqliteSchema.VERSION);
    assertThat(number(file, TABLES)).isZero();
    JobStore store = open();
    assertThat(new StoreHarness(store, new SettableClock()).get("a")).isPresent();
    store.close();
    try (Statements sql = connect(file)) {
      SqliteSchema.prepare(sql, file, laterSteps("SELECT 1"));
    }
    assertThat(number(file, "PRAGMA user_version")).isEqualTo(SqliteSchema.VERSION + 1);
    assertThat(number(file, TABLES)).isEqualTo(1);
    assertThat(number(file, "SELECT priority FROM job")).isEqualTo(7);
  }

  @Test
  void aNewerSchemaThatIsStillInTheLogIsRefused() throws Exception {
    Process child = ChildServer.start("newer", file);
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("upgraded");
    }
    child.destroyForcibly().waitFor();
    assertThat(directory.resolve("jobs.db-wal")).isNotEmptyFile();

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("was written by a newer version of Milepost: its schema is 99")
        .hasMessageContaining("docs/BACKUP.md");
    assertThat(number(file, "PRAGMA user_version")).isEqualTo(99);
    assertThat(number(file, "SELECT count(*) FROM job")).isEqualTo(1);
  }
}
