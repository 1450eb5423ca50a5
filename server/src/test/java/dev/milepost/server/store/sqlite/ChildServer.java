package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;

import dev.milepost.server.ServerProcess;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.BackupProgress.Phase;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.RequestKey;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.sqlite.Function;

/** A separate process that opens a store, in order to crash or to be refused. */
final class ChildServer {
  /** High enough that nothing is dropped: tests check every entry. */
  static final int CAP = 1_000_000;

  static final RequestKey REQUEST = new RequestKey(StoreHarness.TENANT, "ann", "CreateJob", "r1");
  static final List<String> BUSY = StoreHarness.numbered("busy", 0, 8);
  private static final int IN_FLIGHT = 64;

  private ChildServer() {}

  /** Starts a child process with an action and a file. Its output can be read. */
  static Process start(String what, Path file) {
    try {
      return new ProcessBuilder(
              ServerProcess.java(
                  "-cp",
                  System.getProperty("java.class.path"),
                  ChildServer.class.getName(),
                  what,
                  file.toString()))
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the action. */
  public static void main(String[] args) {
    Path file = Path.of(args[1]);
    switch (args[0]) {
      case "open" -> open(file);
      case "read" -> read(file);
      case "count" -> count(file);
      case "create" -> await(create(dying(file)));
      case "report" -> await(reportOnce(dying(file)));
      case "work" -> work(harness(file, SqliteOptions.STANDARD));
      case "upgrade" -> upgrade(file);
      case "backup" -> backup(file);
      case "newer" -> newer(file);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Upgrades to a later version, prints that it does, and never gets on with it. */
  private static void upgrade(Path file) {
    try {
      Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
      Function.create(
          connection,
          "hang",
          new Function() {
            @Override
            protected void xFunc() {
              System.out.println("upgrading");
              hang();
            }
          });
      SqliteSchema.prepare(
          new Statements(connection, SqliteConnections.DIALECT),
          file,
          SqliteUpgradeTest.laterSteps("SELECT hang()"));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes a backup, prints that it is copied, and never verifies it. */
  private static void backup(Path file) {
    harness(file, SqliteOptions.STANDARD)
        .store()
        .onlineBackup()
        .orElseThrow()
        .write(
            file + "-backups",
            "a.db",
            0,
            (phase, done, total) -> {
              if (phase == Phase.VERIFYING) {
                System.out.println("copied");
                hang();
              }
            });
  }

  /** Leaves a newer version in the log, and nothing of it in the database. */
  private static void newer(Path file) {
    try {
      Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
      connection.createStatement().execute("PRAGMA user_version = 99");
      System.out.println("upgraded");
      hang();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads one snapshot, until it is killed. */
  private static void read(Path file) {
    try (Statements sql = SqliteConnections.reader(file)) {
      sql.run("BEGIN");
      sql.of("SELECT COUNT(*) FROM job").executeQuery().next();
      System.out.println("reading");
      hang();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits to be killed. */
  private static void hang() {
    Uninterruptibles.run(new CountDownLatch(1)::await);
  }

  private static void open(Path file) {
    try {
      harness(file, SqliteOptions.STANDARD).store().close();
      System.out.println("opened");
    } catch (StoreException e) {
      System.out.println(e.getMessage());
    }
  }

  /** Reads as a program does that knows nothing of stores, such as sqlite3. */
  private static void count(Path file) {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM job")) {
      System.out.println(row.getInt(1));
    } catch (SQLException e) {
      System.out.println(e.getMessage());
    }
  }

  /** A store whose process ends right after its next commit, before anyone is notified. */
  private static StoreHarness dying(Path file) {
    return harness(file, new SqliteOptions(1_000, 1_000, 0, () -> Runtime.getRuntime().halt(3)));
  }

  static StoreHarness harness(Path file, SqliteOptions options) {
    SettableClock clock = new SettableClock();
    return new StoreHarness(
        SqliteJobStore.open(file, clock, CAP, options, CommitObserver.NONE), clock);
  }

  static CompletionStage<JobRecord> create(StoreHarness harness) {
    return harness.createOnce(job("made", spec()), REQUEST, Duration.ofHours(24));
  }

  static CompletionStage<JobRecord> reportOnce(StoreHarness harness) {
    return harness.reportLater("busy0", token("busy0", 1), report(1));
  }

  /** Reports on all jobs in progress endlessly, and prints which reports were acknowledged. */
  private static void work(StoreHarness harness) {
    Semaphore free = new Semaphore(IN_FLIGHT);
    long[] next = new long[BUSY.size()];
    for (int i = 0; i < next.length; i++) {
      next[i] = harness.get(BUSY.get(i)).orElseThrow().getReportSeq() + 1;
    }
    while (true) {
      for (int i = 0; i < next.length; i++) {
        long seq = next[i]++;
        String line = BUSY.get(i) + " " + seq;
        free.acquireUninterruptibly();
        harness
            .reportLater(BUSY.get(i), token(BUSY.get(i), 1), report(seq))
            .whenComplete(
                (record, failure) -> {
                  System.out.println(failure == null ? line : failure.toString());
                  free.release();
                });
      }
    }
  }
}
