package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.milepost.server.concurrent.Uninterruptibles;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.Change;
import dev.milepost.server.store.ChangeListener;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.server.store.Subscription;
import dev.milepost.server.store.sql.Statements;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, a full queue, damaged rows and a locked file. */
class SqliteFailureTest {
  @TempDir private Path directory;

  private StoreHarness open(SqliteOptions options) {
    return ChildServer.harness(directory.resolve("jobs.db"), options);
  }

  private static JobSpec.Builder big() {
    Value text = Value.newBuilder().setStringValue("x".repeat(20_000)).build();
    return spec().setParams(Struct.newBuilder().putFields("text", text));
  }

  @Test
  void fullDiskRefusesUpdatesAndLosesNothing() {
    StoreHarness harness = open(new SqliteOptions(10, 20_000, 200, () -> {}));
    List<CompletionStage<JobRecord>> creates = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      creates.add(harness.createLater(job("j" + i, big()), List.of()));
    }
    List<String> acknowledged = new ArrayList<>();
    List<StoreException> refused = new ArrayList<>();
    for (CompletionStage<JobRecord> create : creates) {
      try {
        acknowledged.add(await(create).getJob().getId());
      } catch (StoreException e) {
        refused.add(e);
      }
    }

    assertThat(acknowledged).isNotEmpty();
    assertThat(refused)
        .isNotEmpty()
        .allSatisfy(
            e -> {
              assertThat(e.outcome()).isEqualTo(StoreException.Outcome.NOT_APPLIED);
              assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL);
              assertThat(e).hasMessage("The database's disk is full. Free some space.");
            });
    assertThat(harness.store().health().space().isUp()).isFalse();
    assertThat(harness.store().health().engine().isUp()).isTrue();
    JobFilter all = JobFilter.getDefaultInstance();
    assertThat(ids(harness.list(all, false, 1_000))).isEqualTo(acknowledged);
    fill(harness, acknowledged);

    for (int i = 0; i < 3; i++) {
      harness.apply(acknowledged.remove(0), new JobCommand.Delete(""));
    }
    harness.create("more", big());

    acknowledged.add("more");
    assertThat(ids(harness.list(all, false, 1_000))).isEqualTo(acknowledged);
    assertThat(ids(harness.claim(StoreHarness.anything(100)))).isEqualTo(acknowledged);
    harness.store().close();
    StoreHarness reopened = open(SqliteOptions.STANDARD);
    assertThat(ids(reopened.list(all, false, 1_000))).isEqualTo(acknowledged);
    reopened.store().close();
  }

  /** If a group does not fit, a single update of it may. */
  private static void fill(StoreHarness harness, List<String> acknowledged) {
    for (int i = 0; i < 20; i++) {
      try {
        acknowledged.add(harness.create("single" + i, big()).getJob().getId());
      } catch (StoreException e) {
        return;
      }
    }
    throw new AssertionError("the disk is not full");
  }

  @Test
  void failureAfterTheCommitMakesTheOutcomeUnknown() {
    AtomicBoolean faulty = new AtomicBoolean();
    StoreHarness harness =
        open(
            new SqliteOptions(
                10,
                100,
                0,
                () -> {
                  if (faulty.getAndSet(false)) {
                    throw new ArithmeticException("on purpose");
                  }
                }));
    harness.running("a");
    AtomicInteger missed = new AtomicInteger();
    Subscription subscription = harness.store().subscribe(countMissed(missed));
    faulty.set(true);

    assertThatThrownBy(() -> await(harness.reportLater("a", token("a", 1), report(1))))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.UNKNOWN));
    assertThat(missed).hasValue(1);

    await(harness.reportLater("a", token("a", 1), report(1)));
    await(harness.reportLater("a", token("a", 1), report(2)));
    assertThat(harness.get("a").orElseThrow().getReportSeq()).isEqualTo(2);
    assertThat(harness.journal("a")).hasSize(4);
    subscription.close();
    harness.store().close();
  }

  private static ChangeListener countMissed(AtomicInteger missed) {
    return new ChangeListener() {
      @Override
      public void changed(List<Change> changes) {}

      @Override
      public void missed() {
        missed.incrementAndGet();
      }
    };
  }

  @Test
  void damagedRowFailsAlone() throws SQLException {
    StoreHarness harness = open(SqliteOptions.STANDARD);
    harness.running("good");
    harness.create("bad");
    harness.store().close();
    try (Statements sql = SqliteConnections.writer(directory.resolve("jobs.db"), 0)) {
      sql.run("UPDATE job SET record = x'ffffff' WHERE id = 'bad'");
    }
    StoreHarness reopened = open(SqliteOptions.STANDARD);
    for (int i = 1; i <= 10; i++) {
      CompletionStage<JobRecord> bad = reopened.applyLater("bad", new JobCommand.Tick());
      await(reopened.reportLater("good", token("good", 1), report(i)));
      assertThatThrownBy(() -> await(bad)).isInstanceOf(Refusal.JobNotFound.class);
      assertThat(reopened.get("bad")).isEmpty();
    }

    assertThat(reopened.get("good").orElseThrow().getReportSeq()).isEqualTo(10);
    reopened.store().close();
  }

  @Test
  void storeWaitsForAnotherProcessThatLocksTheFile() throws SQLException {
    StoreHarness harness = open(SqliteOptions.STANDARD);
    harness.create("a");
    CompletionStage<JobRecord> later;
    try (Statements other = SqliteConnections.reader(directory.resolve("jobs.db"))) {
      other.run("PRAGMA query_only = 0");
      other.run("BEGIN IMMEDIATE");
      later = harness.createLater(job("b", spec()), List.of());
      assertThat(harness.get("a")).isPresent();
      other.run("ROLLBACK");
    }

    assertThat(await(later).getRevision()).isEqualTo(1);
    harness.store().close();
  }

  @Test
  void fullQueueRefusesAtOnce() {
    StoreHarness harness = open(new SqliteOptions(10, 5, 0, () -> {}));
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CompletionStage<Boolean> slow =
        harness
            .store()
            .update(
                Selection.of(key("none")),
                found -> {
                  busy.countDown();
                  Uninterruptibles.run(goOn::await);
                  return Decision.nothing(true);
                });
    Uninterruptibles.run(busy::await);
    List<CompletionStage<JobRecord>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(harness.createLater(job("j" + i, spec()), List.of()));
    }

    assertThatThrownBy(() -> harness.create("one too many"))
        .isInstanceOf(StoreException.class)
        .hasMessage("The store is overloaded: too many requests are waiting. Try again later.");

    goOn.countDown();
    assertThat(await(slow)).isTrue();
    assertThat(StoreHarness.awaitAll(waiting)).hasSize(5);
    assertThat(harness.get("one too many")).isEmpty();
    harness.store().close();
  }
}
