package dev.milepost.server.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A store stops when one of its files is deleted or replaced. */
class SqliteFileWatchTest {
  @TempDir private Path directory;

  private Path file(String suffix) {
    return directory.resolve("jobs.db" + suffix);
  }

  private static StoreHarness open(Path file) {
    return ChildServer.harness(file, SqliteOptions.STANDARD);
  }

  /** Opens a store with a job, takes a file away, and waits until the store has stopped. */
  private static StoreHarness stopped(Path file, Change change) throws IOException {
    StoreHarness harness = open(file);
    CountDownLatch stopped = new CountDownLatch(1);
    harness.store().subscribe(ChangeListener.ofEnd(stopped::countDown));
    harness.create("a");
    change.run();
    await().until(() -> stopped.getCount() == 0);
    return harness;
  }

  private interface Change {
    void run() throws IOException;
  }

  private static void assertStopped(StoreHarness harness, String name) {
    for (ThrowingCallable call :
        new ThrowingCallable[] {() -> harness.create("b"), () -> harness.get("a")}) {
      assertThatThrownBy(call)
          .hasMessage(
              "The store has stopped because "
                  + name
                  + " was deleted or replaced. "
                  + (name.matches(".*(-wal|-shm|[.]lock)")
                      ? "Restart the server."
                      : "Put it back or restore a backup, then restart the server."))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.NOT_APPLIED));
    }
  }

  @ParameterizedTest(name = "jobs.db{0}")
  @ValueSource(strings = {"-wal", ".lock", "-shm"})
  void deletedCompanionStopsTheStoreAndLosesNothing(String suffix) throws IOException {
    StoreHarness harness = stopped(file(""), () -> Files.delete(file(suffix)));

    assertStopped(harness, "jobs.db" + suffix);
    harness.store().close();

    StoreHarness reopened = open(file(""));
    assertThat(reopened.get("a")).isPresent();
    assertThat(reopened.get("b")).isEmpty();
    reopened.store().close();
  }

  @Test
  void replacedLogStopsTheStoreAndLosesNothing() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "something else");
    StoreHarness harness =
        stopped(
            file(""), () -> Files.move(other, file("-wal"), StandardCopyOption.REPLACE_EXISTING));

    assertStopped(harness, "jobs.db-wal");
    harness.store().close();

    StoreHarness reopened = open(file(""));
    assertThat(reopened.get("a")).isPresent();
    reopened.store().close();
  }

  @Test
  void deletedDatabaseStopsTheStore() throws IOException {
    StoreHarness harness = stopped(file(""), () -> Files.delete(file("")));

    assertStopped(harness, "jobs.db");
    harness.store().close();

    assertThat(file("")).doesNotExist();
    assertThat(file("-wal")).as("what the log has may help").isNotEmptyFile();
    assertThatThrownBy(() -> open(file("")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("jobs.db is missing, although its write-ahead log jobs.db-wal is");
  }

  @Test
  void oneLineOfTheLogSaysIt() throws IOException {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger("dev.milepost.server");
    logger.addAppender(log);
    try {
      StoreHarness harness = stopped(file(""), () -> Files.delete(file("")));
      for (int i = 0; i < 3; i++) {
        assertStopped(harness, "jobs.db");
      }
      assertThatThrownBy(() -> harness.create("b"))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.STOPPED));
      harness.store().close();
    } finally {
      logger.detachAppender(log);
    }

    assertThat(log.list)
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .singleElement()
        .satisfies(event -> assertThat(event.getThrowableProxy()).isNull())
        .asString()
        .contains("jobs.db was deleted or replaced");
  }

  @Test
  void databaseReplacedByAnotherOneStopsTheStore() throws IOException {
    Path other = directory.resolve("other.db");
    open(other).store().close();
    byte[] before = Files.readAllBytes(other);
    StoreHarness harness =
        stopped(file(""), () -> Files.move(other, file(""), StandardCopyOption.REPLACE_EXISTING));

    assertStopped(harness, "jobs.db");
    harness.store().close();

    assertThat(file("")).hasBinaryContent(before);
  }

  @Test
  void redirectedLinkStopsTheStore() throws IOException {
    Path other = directory.resolve("other.db");
    open(other).store().close();
    open(file("")).store().close();
    Path link = Files.createSymbolicLink(directory.resolve("link.db"), file(""));
    StoreHarness harness =
        stopped(
            link,
            () -> {
              Files.delete(link);
              Files.createSymbolicLink(link, other);
            });

    assertStopped(harness, "link.db");
    harness.store().close();
    StoreHarness reopened = open(file(""));
    assertThat(reopened.get("a")).isPresent();
    reopened.store().close();
  }
}
