package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.JobsByKey;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing is published or completed before it is on disk. */
class SqliteFlushTest {
  @TempDir private Path directory;

  private StoreHarness open(Runnable beforeFlush) {
    return open(beforeFlush, 4);
  }

  private StoreHarness open(Runnable beforeFlush, int maxInlineFlush) {
    return ChildServer.harness(
        directory.resolve("jobs.db"),
        new SqliteOptions(
            1_000, Duration.ofMillis(1), maxInlineFlush, 1_000, 0, () -> {}, beforeFlush));
  }

  @ParameterizedTest(name = "by the writer itself, of so few: {0}")
  @ValueSource(ints = {0, 4})
  void commitIsPublishedOnlyAfterTheFlush(int maxInlineFlush) {
    CountDownLatch committed = new CountDownLatch(1);
    Semaphore disk = new Semaphore(0);
    StoreHarness harness =
        open(
            () -> {
              committed.countDown();
              disk.acquireUninterruptibly();
            },
            maxInlineFlush);
    AtomicInteger published = new AtomicInteger();
    harness.store().subscribe(countChanges(published));

    CompletionStage<JobRecord> create = harness.createLater(job("a", spec()), List.of());
    Uninterruptibles.run(committed::await);
    CompletionStage<JobsByKey> read = harness.store().get(List.of(key("a")));
    // Arrives while the disk is busy.
    CompletionStage<JobRecord> next = harness.createLater(job("b", spec()), List.of());

    assertThat(create.toCompletableFuture()).isNotDone();
    assertThat(read.toCompletableFuture()).isNotDone();
    assertThat(published).hasValue(0);
    disk.release();
    assertThat(StoreHarness.await(create).getJob().getId()).isEqualTo("a");
    assertThat(published).hasValueGreaterThan(0);
    // Not earlier: the read may have started so late that it has seen the second commit as well.
    disk.release(1_000);
    assertThat(StoreHarness.await(read).jobs()).isNotEmpty();
    assertThat(StoreHarness.await(next).getJob().getId()).isEqualTo("b");
    harness.store().close();
  }

  @Test
  void readsWaitForTheFlush() {
    DurableWatermark flushed = new DurableWatermark();
    AtomicInteger read = new AtomicInteger();
    flushed.whenDurable(lost -> read.incrementAndGet());
    assertThat(read).as("nothing was written").hasValue(1);

    long first = flushed.begin();
    flushed.whenDurable(lost -> read.incrementAndGet());
    long second = flushed.begin();
    flushed.whenDurable(lost -> read.incrementAndGet());
    assertThat(read).hasValue(1);

    flushed.reached(first);
    assertThat(read).hasValue(2);
    flushed.reached(second);
    assertThat(read).hasValue(3);
  }

  private StoreHarness open(FaultyDisk disk, int groupLimit) {
    return ChildServer.harness(directory.resolve("jobs.db"), disk.options(groupLimit));
  }

  private static void assertFails(ThrowingCallable call, StoreException.Outcome outcome) {
    assertThatThrownBy(call)
        .hasMessageContaining("restart the server")
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.outcome()).isEqualTo(outcome));
  }

  @Test
  void failedFlushStopsTheStore() {
    FaultyDisk disk = new FaultyDisk();
    StoreHarness harness = open(disk, 1_000);
    AtomicInteger stopped = new AtomicInteger();
    harness.store().subscribe(ChangeListener.ofEnd(stopped::incrementAndGet));
    harness.create("before");
    assertThat(stopped).hasValue(0);
    disk.fail();

    assertFails(() -> harness.create("open"), StoreException.Outcome.UNKNOWN);
    assertThat(stopped).as("notified before the stages complete").hasValue(1);
    assertFails(() -> harness.create("after"), StoreException.Outcome.NOT_APPLIED);
    // Confirmed data is not shown either: nobody could tell it from unconfirmed data.
    assertFails(() -> harness.get("open"), StoreException.Outcome.NOT_APPLIED);
    assertFails(() -> harness.get("before"), StoreException.Outcome.NOT_APPLIED);
    assertFails(() -> harness.journal("before"), StoreException.Outcome.NOT_APPLIED);
    harness.store().subscribe(ChangeListener.ofEnd(stopped::incrementAndGet));
    assertThat(stopped).as("late subscribers are notified, and nobody twice").hasValue(2);
    harness.store().close();

    StoreHarness reopened = open(() -> {});
    assertThat(reopened.get("before")).isPresent();
    assertThat(reopened.get("after")).isEmpty();
    reopened.create("after");
    reopened.store().close();
  }

  @Test
  void updatesThatDependOnAnUnconfirmedCommitFail() {
    FaultyDisk disk = new FaultyDisk();
    StoreHarness harness = open(disk, 1);
    harness.running("a");
    int flushes = disk.begun();
    int commits = disk.commits();
    disk.hold();
    disk.fail();

    CompletionStage<JobRecord> first = harness.reportLater("a", token("a", 1), report(1));
    await().until(() -> disk.begun() > flushes);
    // With one update per group, these are decided while the disk is busy with the first one, and
    // do not wait for it.
    CompletionStage<JobRecord> repeated = harness.reportLater("a", token("a", 1), report(1));
    CompletionStage<JobRecord> second = harness.reportLater("a", token("a", 1), report(2));
    await().until(() -> disk.commits() == commits + 2);
    CompletionStage<JobsByKey> read = harness.store().get(List.of(key("a")));
    disk.release();

    assertFails(() -> StoreHarness.await(first), StoreException.Outcome.UNKNOWN);
    assertFails(() -> StoreHarness.await(repeated), StoreException.Outcome.UNKNOWN);
    assertFails(() -> StoreHarness.await(second), StoreException.Outcome.UNKNOWN);
    assertFails(() -> StoreHarness.await(read), StoreException.Outcome.NOT_APPLIED);
    harness.store().close();
  }

  @Test
  void unwrittenUpdatesAreNotAppliedWhenTheDiskFails() {
    FaultyDisk disk = new FaultyDisk();
    StoreHarness harness = open(disk, 1_000);
    disk.hold();
    disk.fail();
    CompletionStage<JobRecord> first = harness.createLater(job("first", spec()), List.of());
    await().until(() -> disk.begun() == 1);
    // A group that grows while the disk is busy is not written to the log until the disk is idle.
    CompletionStage<JobRecord> next = harness.createLater(job("next", spec()), List.of());
    disk.release();

    assertFails(() -> StoreHarness.await(first), StoreException.Outcome.UNKNOWN);
    assertFails(() -> StoreHarness.await(next), StoreException.Outcome.NOT_APPLIED);
    harness.store().close();
    StoreHarness reopened = open(() -> {});
    assertThat(reopened.get("next")).isEmpty();
    reopened.store().close();
  }

  @Test
  void logIsUntouchedAfterAFailedFlush() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    StoreHarness harness = open(disk, 1_000);
    harness.create("before");
    disk.fail();
    assertFails(() -> harness.create("open"), StoreException.Outcome.UNKNOWN);
    Path file = directory.resolve("jobs.db");
    byte[] database = Files.readAllBytes(file);
    long log = Files.size(directory.resolve("jobs.db-wal"));

    harness.store().close();

    assertThat(Files.readAllBytes(file)).isEqualTo(database);
    assertThat(directory.resolve("jobs.db-wal")).hasSize(log);
  }

  private static ChangeListener countChanges(AtomicInteger published) {
    return new ChangeListener() {
      @Override
      public void changed(List<Change> changes) {
        published.addAndGet(changes.size());
      }

      @Override
      public void missed() {}
    };
  }
}
