package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Findings;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.RecordKind;
import dev.milepost.server.store.RecordWrite;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.WithoutChecksums;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.v1.JobFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A check of a store finds what is damaged, and changes nothing. */
class SqliteCheckTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void fill() {
    file = directory.resolve("jobs.db");
    StoreHarness harness = ChildServer.harness(file, SqliteOptions.STANDARD);
    WithoutChecksums.fill(harness);
    RecordWrite write =
        RecordWrite.of(
            RecordKind.WORKERS, Map.of("w", ByteString.copyFromUtf8("x")), Duration.ofDays(1));
    StoreHarness.await(harness.store().records().write(write));
    harness.store().close();
  }

  private List<String> findings() {
    return findings(file);
  }

  static List<String> findings(Path file) {
    return Findings.of(progress -> SqliteCheck.run(file, progress));
  }

  private static StoreCheck check(Path file) {
    return SqliteCheck.run(file, Findings.ignored());
  }

  private void sql(String... statements) throws SQLException {
    try (Statements sql = SqliteConnections.writer(file, 0)) {
      for (String statement : statements) {
        sql.run(statement);
      }
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aSoundStoreIsReadAndNotChanged() throws IOException {
    byte[] before = Files.readAllBytes(file);
    List<String> names = names();

    StoreCheck check = check(file);

    assertThat(check.findings()).isZero();
    assertThat(check.jobs()).isEqualTo(4);
    assertThat(check.items()).isEqualTo(2);
    assertThat(check.requests()).isEqualTo(1);
    assertThat(check.runs()).isPositive();
    assertThat(file).hasBinaryContent(before);
    assertThat(names()).isEqualTo(names);
    Path backup = Files.copy(file, directory.resolve("a backup 100%.db"));
    assertThat(check(backup)).isEqualTo(check);
  }

  @Test
  void theLogOfAKilledServerIsReadAndNotChanged() throws Exception {
    assertThat(ChildServer.start("create", file).waitFor()).isEqualTo(3);
    Files.deleteIfExists(directory.resolve("jobs.db-shm"));
    byte[] before = Files.readAllBytes(file);
    byte[] log = Files.readAllBytes(SqliteLogCheck.log(file));
    List<String> names = names();

    assertThat(check(file).jobs()).isEqualTo(5);

    assertThat(file).hasBinaryContent(before);
    assertThat(SqliteLogCheck.log(file)).hasBinaryContent(log);
    assertThat(names()).isEqualTo(names);
    Files.write(SqliteLogCheck.log(file), SqliteFlipTest.flipped(log, 8 * 1_000));
    assertThat(findings()).anyMatch(finding -> finding.contains("jobs.db-wal is damaged: frame"));
  }

  @Test
  void damagedRowsAreNamed() throws SQLException {
    SqliteDamage damage = new SqliteDamage(file);
    damage.jobs(List.of(key("long")), StoreDamage.Damage.GARBAGE);
    damage.journal(key("a"));
    damage.item(key("items"), "x");
    sql(
        "UPDATE request SET expire_micros = expire_micros - 1",
        "UPDATE server_record SET expire_micros = expire_micros + 1",
        "UPDATE total SET jobs = jobs + 3");

    assertThat(findings())
        .contains(
            "Job long of tenant acme: its record is damaged.",
            "Job a of tenant acme: the end of its journal is damaged.",
            "Item x of job items of tenant acme is damaged.",
            "The record w of the servers' workers is damaged.",
            "A remembered request is damaged.")
        .anyMatch(finding -> finding.matches("The journal entries up to \\d+ of job a of .*"))
        .anyMatch(finding -> finding.startsWith("The count of tenant acme, type sync"));
  }

  @Test
  void columnsThatDifferFromTheirRecordAreNamed() throws SQLException {
    sql(
        "UPDATE job SET state = 5 WHERE id = 'a'",
        "UPDATE job SET user_id = 'eve' WHERE id = 'long'",
        "UPDATE job SET ready = NULL WHERE id = 'items'",
        "UPDATE job SET wake_micros = NULL WHERE id = 'a'");

    assertThat(findings())
        .containsExactlyInAnyOrder(
            "Job a of tenant acme: its row has another state than its record.",
            "Job long of tenant acme: its row has another user than its record.",
            "Job items of tenant acme: its row has another readiness than its record.");
  }

  @Test
  void searchTextsThatDifferFromTheirRecordAreNamed() throws SQLException {
    sql(
        "UPDATE search_text SET text = 'other' WHERE job_no = (SELECT job_no FROM job WHERE id ="
            + " 'a')",
        "UPDATE search_text SET tenant_id = 'eve'"
            + " WHERE job_no = (SELECT job_no FROM job WHERE id = 'items')",
        "DELETE FROM search_text WHERE job_no = (SELECT job_no FROM job WHERE id = 'long')",
        "INSERT INTO search_text VALUES (0, 'acme', 'before all'), (999, 'acme', 'after all')");

    assertThat(findings())
        .containsExactlyInAnyOrder(
            "Job a of tenant acme: its search text is not that of its record.",
            "Job items of tenant acme: its search text is not that of its record.",
            "Job long of tenant acme: its search text is missing.",
            "A search text belongs to job number 0, which does not exist.",
            "A search text belongs to job number 999, which does not exist.");
  }

  @Test
  void aDamagedIndexIsFound() throws SQLException {
    // As if the index had lost an entry.
    sql(
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_schema SET sql = sql || ' WHERE id <> ''a''' WHERE name = 'job_by_user'",
        "PRAGMA writable_schema = RESET",
        "REINDEX job_by_user",
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_schema SET sql = replace(sql, ' WHERE id <> ''a''', '')"
            + " WHERE name = 'job_by_user'",
        "PRAGMA writable_schema = RESET");

    assertThat(findings()).anyMatch(finding -> finding.contains("job_by_user"));
  }

  /** What an index leads to is not shown, and not deleted, if it is another job. */
  @Test
  void aDamagedIndexLeadsToNoOtherJob() throws SQLException {
    sql(
        "PRAGMA writable_schema = 1",
        "CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'job_by_id'",
        "DELETE FROM sqlite_schema WHERE name = 'job_by_id'",
        "PRAGMA writable_schema = RESET",
        "UPDATE job SET job_no = 100 WHERE id = 'long'",
        "UPDATE job SET job_no = 1 WHERE id = 'items'",
        "UPDATE job SET job_no = 3 WHERE id = 'long'",
        "UPDATE spec SET job_no = 3",
        "PRAGMA writable_schema = 1",
        "INSERT INTO sqlite_schema SELECT * FROM kept",
        "PRAGMA writable_schema = RESET");
    StoreHarness harness = ChildServer.harness(file, SqliteOptions.STANDARD);

    for (String id : List.of("long", "items")) {
      assertThatThrownBy(
              () ->
                  StoreHarness.await(
                      harness.store().items(new ItemQuery(key(id), Set.of(), "", "", 10))))
          .isInstanceOf(Refusal.JobUnreadable.class);
      assertThat(harness.get(id)).isEmpty();
      assertThatThrownBy(
              () ->
                  StoreHarness.await(
                      harness
                          .store()
                          .update(
                              Selection.of(key(id)),
                              found -> Decision.of(new JobDecision.Remove(key(id)), true))))
          .isInstanceOf(StoreException.class)
          .hasMessage("The database is damaged. Restore it from a backup.");
    }
    assertThat(StoreHarness.ids(harness.list(JobFilter.getDefaultInstance(), false, 10)))
        .containsExactlyInAnyOrder("long", "a", "items", "once");
    harness.store().close();
    assertThat(findings()).anyMatch(finding -> finding.contains("job_by_id"));
  }

  @Test
  void aStoreInUseIsRefusedAndSoIsWhatIsNone() throws IOException {
    StoreHarness harness = ChildServer.harness(file, SqliteOptions.STANDARD);
    assertThatThrownBy(() -> check(file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is in use by another server");
    harness.store().close();
    assertThatThrownBy(() -> check(directory.resolve("none.db")))
        .isInstanceOf(StoreException.class)
        .hasMessageEndingWith("none.db does not exist. Name another file.");
    Path text = Files.writeString(directory.resolve("text.db"), "These are my notes.");
    assertThatThrownBy(() -> check(text))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is not an SQLite database");
  }
}
