package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.CAP;
import static dev.milepost.server.store.StoreHarness.TENANT;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.awaitAll;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store does with its file. */
class SqliteTablesTest {
  private final SettableClock clock = new SettableClock();
  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("jobs.db");
  }

  private StoreHarness open(SqliteOptions options) {
    return new StoreHarness(
        SqliteJobStore.open(file(), clock, CAP, options, CommitObserver.NONE), clock);
  }

  private static String ask(Statements sql, String question) throws SQLException {
    try (ResultSet row = sql.of(question).executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  private int rows(String table) throws SQLException {
    try (Statements sql = SqliteConnections.reader(file())) {
      return Integer.parseInt(ask(sql, "SELECT COUNT(*) FROM " + table));
    }
  }

  @Test
  void storeFlushesTheLogAndSqliteDoesNot() throws SQLException {
    try (Statements sql = SqliteConnections.writer(file(), 0)) {
      assertThat(ask(sql, "PRAGMA journal_mode")).isEqualTo("wal");
      assertThat(ask(sql, "PRAGMA synchronous")).as("NORMAL").isEqualTo("1");
      assertThat(ask(sql, "PRAGMA page_size")).isEqualTo("4096");
      assertThat(ask(sql, "PRAGMA integrity_check")).isEqualTo("ok");
    }
  }

  @Test
  void waitingUpdatesShareACommit() {
    AtomicInteger commits = new AtomicInteger();
    StoreHarness harness = open(new SqliteOptions(1_000, 1_000, 0, commits::incrementAndGet));
    harness.running("a");
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CompletionStage<Boolean> slow =
        harness
            .store()
            .update(
                Selection.of(key("a")),
                found -> {
                  busy.countDown();
                  Uninterruptibles.run(goOn::await);
                  return Decision.nothing(true);
                });
    Uninterruptibles.run(busy::await);
    int before = commits.get();
    List<CompletionStage<JobRecord>> reports = new ArrayList<>();
    for (int i = 1; i <= 500; i++) {
      reports.add(harness.reportLater("a", token("a", 1), report(i)));
    }
    goOn.countDown();

    assertThat(await(slow)).isTrue();
    assertThat(awaitAll(reports)).hasSize(500);
    assertThat(commits.get() - before).isEqualTo(1);
    harness.store().close();
  }

  @Test
  void spaceOfDroppedEntriesIsReused() throws SQLException {
    StoreHarness harness = open(SqliteOptions.STANDARD);
    harness.running("a");
    for (int i = 1; i <= 2_000; i++) {
      harness.reportLater("a", token("a", 1), report(i));
    }
    await(harness.reportLater("a", token("a", 1), report(2_001)));

    assertThat(harness.journal("a")).hasSize(CAP + 2);
    harness.store().close();
    assertThat(rows("journal")).isLessThan(20);
  }

  @Test
  void expiredRequestsAreDeleted() throws SQLException {
    StoreHarness harness = open(SqliteOptions.STANDARD);
    for (int i = 0; i < 100; i++) {
      request(harness, i);
    }
    clock.advance(Duration.ofHours(1));
    for (int i = 100; i < 160; i++) {
      request(harness, i);
    }
    harness.store().close();

    assertThat(rows("request")).isEqualTo(60);
  }

  private static void request(StoreHarness harness, int number) {
    RequestKey request = new RequestKey(TENANT, "ann", "CreateJob", "r" + number);
    await(harness.createOnce(job("j" + number, spec()), request, Duration.ofHours(1)));
  }
}
