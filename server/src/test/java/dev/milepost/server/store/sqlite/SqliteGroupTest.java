package dev.milepost.server.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group of updates ends when its jobs use much memory. */
class SqliteGroupTest {
  private static final int JOBS = 200;

  @TempDir Path directory;

  @Test
  void largeJobsAreNotAllUpdatedInOneGroup() {
    AtomicInteger commits = new AtomicInteger();
    SqliteOptions options = new SqliteOptions(1_000, 1_000, 0, commits::incrementAndGet);
    SettableClock clock = new SettableClock();
    StoreHarness harness =
        new StoreHarness(
            SqliteJobStore.open(
                directory.resolve("jobs.db"),
                clock,
                StoreHarness.CAP,
                options,
                CommitObserver.NONE),
            clock);
    try (var store = harness.store()) {
      List<String> ids = StoreHarness.numbered("j", 0, JOBS);
      ids.forEach(id -> harness.create(id, StoreHarness.spec(250_000)));
      commits.set(0);
      CountDownLatch queued = new CountDownLatch(1);
      CompletionStage<Boolean> first =
          store.update(
              Selection.of(StoreHarness.key("none")),
              found -> {
                await(queued);
                return Decision.nothing(true);
              });
      List<CompletionStage<JobRecord>> updates = new ArrayList<>();
      ids.forEach(
          id -> updates.add(harness.applyLater(id, new JobCommand.Cancel("ann", "", null))));
      queued.countDown();

      StoreHarness.awaitAll(updates);
      StoreHarness.await(first);
      assertThat(commits).hasValueGreaterThan(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
