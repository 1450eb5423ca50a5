package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody hears of anything that is not on the disk. */
class SqliteFlushTest {
  @TempDir private Path directory;

  private StoreHarness open(Runnable beforeFlush) {
    return ChildServer.harness(
        directory.resolve("jobs.db"),
        new SqliteOptions(1_000, Duration.ofMillis(1), 1_000, 0, () -> {}, beforeFlush));
  }

  @Test
  void nobodyHearsOfACommitBeforeItIsOnTheDisk() {
    CountDownLatch committed = new CountDownLatch(1);
    Semaphore disk = new Semaphore(0);
    StoreHarness harness =
        open(
            () -> {
              committed.countDown();
              disk.acquireUninterruptibly();
            });
    AtomicInteger told = new AtomicInteger();
    harness.store().subscribe(countChanges(told));

    CompletionStage<JobRecord> create = harness.createLater(job("a", spec()), List.of());
    Threads.await(committed::await);
    CompletionStage<List<JobRecord>> read = harness.store().get(List.of(key("a")));
    // Decided while the disk is busy, on what it has not confirmed yet.
    CompletionStage<JobRecord> next = harness.createLater(job("b", spec()), List.of());

    assertThat(create.toCompletableFuture()).isNotDone();
    assertThat(told).hasValue(0);
    disk.release();
    assertThat(await(create).getJob().getId()).isEqualTo("a");
    assertThat(await(read)).hasSize(1);
    assertThat(told).hasValueGreaterThan(0);
    disk.release(1_000);
    assertThat(await(next).getJob().getId()).isEqualTo("b");
    harness.store().close();
  }

  @Test
  void whatIsReadWaitsForTheDiskToo() {
    Flushed flushed = new Flushed();
    AtomicInteger read = new AtomicInteger();
    flushed.whenDurable(read::incrementAndGet);
    assertThat(read).as("nothing was written").hasValue(1);

    long first = flushed.begin();
    flushed.whenDurable(read::incrementAndGet);
    long second = flushed.begin();
    flushed.whenDurable(read::incrementAndGet);
    assertThat(read).hasValue(1);

    flushed.reached(first);
    assertThat(read).hasValue(2);
    flushed.reached(second);
    assertThat(read).hasValue(3);
  }

  @Test
  void aDiskThatDoesNotConfirmEndsTheStore() {
    AtomicBoolean faulty = new AtomicBoolean();
    StoreHarness harness =
        open(
            () -> {
              if (faulty.getAndSet(false)) {
                throw new UncheckedIOException(new IOException("on purpose"));
              }
            });
    harness.create("before");
    faulty.set(true);

    assertThatThrownBy(() -> harness.create("open"))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.UNKNOWN));
    assertThatThrownBy(() -> harness.create("after"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("restart the server");
    harness.store().close();

    StoreHarness reopened = open(() -> {});
    assertThat(reopened.get("before")).isPresent();
    assertThat(reopened.get("after")).isEmpty();
    reopened.create("after");
    reopened.store().close();
  }

  private static ChangeListener countChanges(AtomicInteger told) {
    return new ChangeListener() {
      @Override
      public void changed(List<Change> changes) {
        told.addAndGet(changes.size());
      }

      @Override
      public void missed() {}
    };
  }
}
