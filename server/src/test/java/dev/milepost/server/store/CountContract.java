package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Struct;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.StoredBytes;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every store does with counts, and what it contains after many random operations. */
interface CountContract {
  StoreHarness harness();

  @Test
  default void emptyStoreCountsNothing() {
    JobFilter all = JobFilter.getDefaultInstance();

    assertThat(await(harness().store().count(new CountQuery(all, Set.of()))))
        .containsExactly(JobCount.getDefaultInstance());
    assertThat(
            await(harness().store().count(new CountQuery(all, Set.of(JobGroup.JOB_GROUP_STATE)))))
        .isEmpty();
  }

  @Test
  default void tenantsWithQueuedJobsAreFound() {
    assertThat(await(harness().store().queuedTenants(10))).isEmpty();
    harness().create("a");
    harness().create("b");
    assertThat(await(harness().store().queuedTenants(10))).containsExactly(StoreHarness.TENANT);

    harness().apply("a", new JobCommand.Claim("worker", token("a", 1)));
    harness().apply("b", new JobCommand.Claim("worker", token("b", 1)));

    assertThat(await(harness().store().queuedTenants(10))).isEmpty();
  }

  /** Returns the counted size of all jobs, which is that of one job. */
  private long bytesOf(JobRecord job) {
    long counted = harness().storedBytes(JobFilter.getDefaultInstance());
    assertThat(counted).isEqualTo(job.getChargedBytes());
    assertThat(counted)
        .isEqualTo(harness().storedBytes(JobFilter.newBuilder().setUserId("ann").build()));
    return counted;
  }

  @Test
  default void countedBytesFollowAJob() {
    JobRecord job = harness().create("a", StoreHarness.spec(5_000));
    assertThat(bytesOf(job)).isCloseTo(StoredBytes.of(job), within(8L)).isGreaterThan(5_000);

    job = harness().apply("a", new JobCommand.Claim("worker", token("a", 1)));
    assertThat(bytesOf(job)).isCloseTo(StoredBytes.of(job), within(8L));

    long before = bytesOf(job);
    job = await(harness().reportLater("a", token("a", 1), lines(10, 1_000)));
    assertThat(bytesOf(job)).as("a small report leaves the counts alone").isEqualTo(before);

    job = await(harness().reportLater("a", token("a", 1), lines(10, 1_000)));
    assertThat(bytesOf(job)).isBetween(before + 20_000, before + 22_000);

    Report items =
        Report.newBuilder()
            .addItems(Item.newBuilder().setId("i").setMessage("x".repeat(30_000)))
            .build();
    before = bytesOf(job);
    job = await(harness().reportLater("a", token("a", 1), items));
    assertThat(bytesOf(job)).isBetween(before + 30_000, before + 31_000);

    before = bytesOf(job);
    Report smaller =
        Report.newBuilder().addItems(Item.newBuilder().setId("i").setMessage("x")).build();
    job = await(harness().reportLater("a", token("a", 1), smaller));
    assertThat(bytesOf(job)).isBetween(before - 31_000, before - 29_000);

    Map<String, Item> known = Map.of();
    job =
        harness()
            .apply(
                "a",
                new JobCommand.Complete(
                    token("a", 1), report(0), known, Struct.getDefaultInstance()));
    assertThat(bytesOf(job)).isCloseTo(StoredBytes.of(job), within(8L));

    harness().apply("a", new JobCommand.Delete(""));
    assertThat(harness().storedBytes(JobFilter.getDefaultInstance())).isZero();
  }

  private static Report lines(int lines, int length) {
    return report(
        0,
        LogLevel.LOG_LEVEL_INFO,
        Collections.nCopies(lines, "x".repeat(length)).toArray(String[]::new));
  }

  @Test
  default void jobWithoutSizesCountsWhenItChanges() {
    Item item = Item.newBuilder().setId("i").setMessage("x".repeat(1_000)).build();
    await(
        harness()
            .store()
            .update(
                Selection.of(key("a")),
                found -> {
                  JobDecision.Put put =
                      harness().rules().create(job("a", spec()), List.of(item), found.clock());
                  // As an earlier version has written it.
                  JobRecord record =
                      put.record().toBuilder()
                          .clearJournalBytes()
                          .clearItemBytes()
                          .clearChargedBytes()
                          .clearSpecBytes()
                          .build();
                  return Decision.of(new JobDecision.Put(record, put.entries(), put.items()), true);
                }));
    assertThat(harness().storedBytes(JobFilter.getDefaultInstance())).isZero();

    JobRecord job = harness().apply("a", new JobCommand.Claim("worker", token("a", 1)));
    assertThat(bytesOf(job)).isCloseTo(StoredBytes.of(job), within(8L)).isPositive();

    Report smaller =
        Report.newBuilder().addItems(Item.newBuilder().setId("i").setMessage("x")).build();
    job = await(harness().reportLater("a", token("a", 1), smaller));
    assertThat(job.getItemBytes()).isZero();

    harness()
        .apply(
            "a",
            new JobCommand.Complete(
                token("a", 1), report(0), Map.of(), Struct.getDefaultInstance()));
    harness().apply("a", new JobCommand.Delete(""));
    assertThat(harness().storedBytes(JobFilter.getDefaultInstance())).isZero();
  }

  @Test
  default void countedBytesAreLimitedByTheJournalCap() {
    harness().running("a");
    for (int i = 0; i < 5; i++) {
      await(harness().reportLater("a", token("a", 1), lines(StoreHarness.CAP, 10_000)));
    }
    JobRecord job = harness().get("a").orElseThrow();

    assertThat(bytesOf(job))
        .isCloseTo(StoreHarness.CAP * 10_000L, within(StoredBytes.TOLERANCE + 5_000L));
  }

  @Test
  default void storeMatchesTheModelAfterRandomOperations() {
    for (long seed = 1; seed <= 3; seed++) {
      RandomLife life = new RandomLife(harness(), seed);
      for (int round = 0; round < 10; round++) {
        life.live(80);
        life.check();
      }
      life.end();
    }
  }
}
