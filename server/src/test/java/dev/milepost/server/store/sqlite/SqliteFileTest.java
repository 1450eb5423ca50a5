package dev.milepost.server.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobPage;
import dev.milepost.server.store.JobQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreDamage;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.UnreadableJob;
import dev.milepost.server.store.WithoutChecksums;
import dev.milepost.server.store.WithoutTerms;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files a store opens, and what it does with others. */
class SqliteFileTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("jobs.db");
  }

  private static JobStore open(Path file) {
    return SqliteJobStore.open(file, new SettableClock(), StoreHarness.CAP, CommitObserver.NONE);
  }

  @Test
  void missingDirectoriesAreCreated() {
    Path deep = directory.resolve("a/b/c.db");

    open(deep).close();

    assertThat(deep).isRegularFile();
  }

  @Test
  void emptyFileIsAccepted() throws IOException {
    Files.createFile(file);

    open(file).close();

    assertThat(Files.size(file)).isPositive();
  }

  @Test
  void closedStoreLeavesNoLog() throws IOException {
    open(file).close();

    assertThat(names()).containsExactlyInAnyOrder("jobs.db", "jobs.db.lock");
  }

  @Test
  void fileOfTheFirstVersionIsMigrated() throws SQLException {
    JobStore store = open(file);
    JobRecord created = new StoreHarness(store, new SettableClock()).create("a");
    store.close();
    // In that version, each spec was in a separate table, sizes were not counted, and nothing had a
    // checksum.
    sql(WithoutChecksums.statements().toArray(String[]::new));
    sql(
        "ALTER TABLE count DROP COLUMN bytes",
        "ALTER TABLE total DROP COLUMN bytes",
        "INSERT INTO spec (job_no, spec) SELECT job_no, spec FROM job",
        "ALTER TABLE job DROP COLUMN spec",
        "PRAGMA user_version = 1");

    JobStore reopened = open(file);
    StoreHarness harness = new StoreHarness(reopened, new SettableClock());

    assertThat(harness.get("a")).contains(created);
    harness.create("b", StoreHarness.spec(20_000));
    assertThat(StoreHarness.ids(harness.list(JobFilter.getDefaultInstance(), false, 10)))
        .containsExactly("a", "b");
    assertThat(harness.storedBytes(JobFilter.getDefaultInstance())).isGreaterThan(20_000);
    reopened.close();
  }

  @Test
  void fileWithoutChecksumsIsMigrated() throws SQLException {
    StoreHarness harness = new StoreHarness(open(file), new SettableClock());
    WithoutChecksums.fill(harness);
    List<Object> content = WithoutChecksums.content(harness);
    harness.store().close();
    sql(WithoutChecksums.statements().toArray(String[]::new));
    sql("PRAGMA user_version = 3");

    harness.use(open(file));

    WithoutChecksums.assertKept(harness, content);
    harness.store().close();
  }

  @Test
  void jobsOfAFileWithoutTermsAreIndexed() throws SQLException {
    StoreHarness harness = new StoreHarness(open(file), new SettableClock());
    WithoutTerms.fill(harness);
    harness.store().close();
    sql("DROP TABLE term", "DROP TABLE search_text", "PRAGMA user_version = 5");

    harness.use(open(file));

    WithoutTerms.assertIndexed(harness);
    harness.store().close();
  }

  @Test
  void jobsOfAFileWithoutTextsAreFoundByThem() throws SQLException {
    StoreHarness harness = new StoreHarness(open(file), new SettableClock());
    WithoutTerms.fill(harness);
    harness.create("bad", StoreHarness.spec().setDisplayName("Bad"));
    harness.store().close();
    new SqliteDamage(file).jobs(List.of(StoreHarness.key("bad")), StoreDamage.Damage.GARBAGE);
    sql("DROP TABLE search_text", "PRAGMA user_version = 6");

    harness.use(open(file));

    WithoutTerms.assertIndexed(harness);
    // It is not known what it contains, so each search names it.
    JobFilter any = JobFilter.newBuilder().setText("anything").build();
    JobPage page =
        StoreHarness.await(harness.store().list(new JobQuery(any, true, Optional.empty(), 10)));
    assertThat(page.jobs()).isEmpty();
    assertThat(page.unreadable())
        .extracting(UnreadableJob::key)
        .containsExactly(StoreHarness.key("bad"));
    harness.store().close();
    assertThat(SqliteCheckTest.findings(file))
        .containsExactly("Job bad of tenant acme: its record is damaged.");
  }

  @Test
  void textFileIsRefused() throws IOException {
    Files.writeString(file, "These are my notes of last summer. ".repeat(20));

    assertRefused("is not an SQLite database");
  }

  @Test
  void shortFileIsRefused() throws IOException {
    Files.writeString(file, "SQLite format 3\0");

    assertRefused("is not an SQLite database");
  }

  @Test
  void databaseOfAnotherApplicationIsRefused() throws IOException, SQLException {
    sql("PRAGMA journal_mode = WAL", "CREATE TABLE mine (x)", "INSERT INTO mine VALUES (1)");

    assertRefused("is a database of another application");
  }

  @Test
  void newerSchemaIsRefused() throws IOException, SQLException {
    open(file).close();
    sql("PRAGMA user_version = 99");

    assertRefused("was written by a newer version of Milepost");
  }

  @Test
  void damagedHeaderIsRefused() throws IOException {
    open(file).close();
    for (int damaged : List.of(16, 18, 21)) {
      byte[] bytes = Files.readAllBytes(file);
      byte good = bytes[damaged];
      bytes[damaged] = 77;
      Files.write(file, bytes);
      assertRefused("is damaged");
      bytes[damaged] = good;
      Files.write(file, bytes);
    }
    open(file).close();
  }

  @Test
  void truncatedFileIsRefused() throws IOException {
    open(file).close();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 4_096));

    assertRefused("is truncated");
  }

  @Test
  void damagedSchemaIsRefused() throws IOException {
    open(file).close();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    bytes.position(100);
    bytes.put("no schema was ever written like this".getBytes(StandardCharsets.US_ASCII));
    Files.write(file, bytes.array());

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Restore it from a backup");
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes.array());
  }

  @Test
  void directoryIsRefused() throws IOException {
    Files.createDirectory(file);

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(StoreException.class)
        .hasMessageEndingWith("is a directory. Use a file.");
    assertThat(names()).containsExactly("jobs.db");
  }

  @Test
  void fileBelowAFileIsRefused() throws IOException {
    Files.writeString(file, "x");

    assertThatThrownBy(() -> open(file.resolve("deeper.db")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be created");
    assertThat(Files.readString(file)).isEqualTo("x");
  }

  @Test
  void secondServerIsRefused() throws IOException {
    JobStore first = open(file);
    Path link = Files.createSymbolicLink(directory.resolve("link.db"), file);
    for (Path name : List.of(file, link)) {
      assertThatThrownBy(() -> open(name))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is in use by another server (process ");
    }
    first.close();

    open(link).close();
  }

  @Test
  void secondServerInAnotherProcessIsRefused() throws IOException {
    JobStore first = open(file);
    String pid = "(process " + ProcessHandle.current().pid() + ")";
    assertThat(childSays()).contains("is in use by another server " + pid);
    // POSIX locks end when their process closes any channel to the file.
    assertThatThrownBy(() -> open(file)).isInstanceOf(StoreException.class);
    assertThat(childSays()).contains("is in use by another server " + pid);
    // Neither another name nor a removed lock file lets it in.
    Path other = Files.createDirectory(directory.resolve("other")).resolve("link.db");
    Files.createLink(other, file);
    assertThatThrownBy(() -> open(other))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is in use by another server " + pid);
    assertThat(childSays("open", other)).contains("is in use by another server " + pid);
    Files.delete(directory.resolve("jobs.db.lock"));
    assertThat(childSays()).contains("is in use by another server " + pid);
    first.close();

    assertThat(childSays()).isEqualTo("opened");
  }

  @Test
  void anotherProgramMayReadAndChangesNothing() throws IOException {
    StoreHarness harness = new StoreHarness(open(file), new SettableClock());
    harness.create("a");
    byte[] log = Files.readAllBytes(directory.resolve("jobs.db-wal"));

    assertThat(childSays("count", file)).isEqualTo("1");

    // If this process had lost SQLite's locks, the other one would have taken itself for the last
    // one that uses the database: it would have moved the log into it and removed it.
    assertThat(directory.resolve("jobs.db-wal")).hasBinaryContent(log);
    assertThat(childSays()).contains("is in use by another server ");
    harness.create("b");
    assertThat(childSays("count", file)).isEqualTo("2");
    harness.store().close();
  }

  private String childSays() throws IOException {
    return childSays("open", file);
  }

  private static String childSays(String what, Path file) throws IOException {
    Process child = ChildServer.start(what, file);
    return new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private void assertRefused(String why) throws IOException {
    byte[] before = Files.readAllBytes(file);
    List<String> names = names();

    assertThatThrownBy(() -> open(file))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.NOT_APPLIED))
        .hasMessageStartingWith(file.toRealPath().toString())
        .hasMessageContaining(why)
        .hasMessageEndingWith(".");

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(names()).isEqualTo(names);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }
}
