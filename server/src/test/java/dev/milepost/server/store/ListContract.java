package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.TENANT;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobFilters;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobHealth;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What every store does with lists. */
interface ListContract {
  JobFilter ALL = JobFilter.newBuilder().setTenantId(TENANT).build();

  StoreHarness harness();

  @Test
  default void listsAreInOrderOfCreation() {
    List<String> created = StoreHarness.numbered("j", 0, 25);
    created.forEach(harness()::create);
    List<String> newestFirst = new ArrayList<>(created);
    Collections.reverse(newestFirst);

    for (int limit : List.of(1, 7, 25, 1_000)) {
      assertThat(ids(harness().list(ALL, false, limit))).isEqualTo(created);
      assertThat(ids(harness().list(ALL, true, limit))).isEqualTo(newestFirst);
    }
  }

  @Test
  default void recreatedJobComesAfterJobsCreatedMeanwhile() {
    CountDownLatch goOn = new CountDownLatch(1);
    CompletionStage<Boolean> slow =
        harness()
            .store()
            .update(
                Selection.of(StoreHarness.key("none")),
                found -> {
                  hold(goOn);
                  return Decision.nothing(true);
                });
    harness().createLater(StoreHarness.job("a", StoreHarness.spec()), List.of());
    harness().applyLater("a", new JobCommand.Delete(""));
    harness().createLater(StoreHarness.job("b", StoreHarness.spec()), List.of());
    CompletionStage<JobRecord> last =
        harness().createLater(StoreHarness.job("a", StoreHarness.spec()), List.of());
    goOn.countDown();
    await(slow);
    await(last);

    assertThat(ids(harness().list(JobFilter.getDefaultInstance(), false, 10)))
        .containsExactly("b", "a");
  }

  @Test
  default void firstCreatedJobComesFirstWhateverItsState() {
    CountDownLatch goOn = new CountDownLatch(1);
    CompletionStage<Boolean> slow =
        harness()
            .store()
            .update(
                Selection.of(StoreHarness.key("none")),
                found -> {
                  hold(goOn);
                  return Decision.nothing(true);
                });
    harness().createLater(StoreHarness.job("a", StoreHarness.spec()), List.of());
    harness().applyLater("a", new JobCommand.Cancel("ann", "", null));
    harness().createLater(StoreHarness.job("b", StoreHarness.spec()), List.of());
    CompletionStage<List<JobRecord>> claim = harness().claimLater(StoreHarness.anything(1));
    goOn.countDown();
    await(slow);

    assertThat(ids(await(claim))).containsExactly("b");
    assertThat(ids(harness().list(JobFilter.getDefaultInstance(), false, 10)))
        .containsExactly("a", "b");
  }

  private static void hold(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  default void listEndsWhenNoFurtherJobCanMatch() {
    JobRecord first = harness().create("first");
    harness().clock().advance(Duration.ofDays(3));
    Instant later = harness().clock().instant();
    createMany("m", 2_100);
    harness().clock().advance(Duration.ofDays(3));
    JobRecord last = harness().create("last");

    JobFilter old =
        ALL.toBuilder()
            .setCreateTimeUntil(Times.timestamp(later.minus(Duration.ofDays(2))))
            .build();
    assertThat(await(harness().store().list(new JobQuery(old, false, Optional.empty(), 10))))
        .isEqualTo(new JobPage(List.of(first), Optional.empty()));
    JobFilter young =
        ALL.toBuilder().setCreateTimeFrom(Times.timestamp(later.plus(Duration.ofDays(2)))).build();
    assertThat(await(harness().store().list(new JobQuery(young, true, Optional.empty(), 10))))
        .isEqualTo(new JobPage(List.of(last), Optional.empty()));
  }

  private void createMany(String prefix, int count) {
    StoreHarness.awaitAll(
        StoreHarness.numbered(prefix, 0, count).stream()
            .map(id -> harness().createLater(StoreHarness.job(id, StoreHarness.spec()), List.of()))
            .toList());
  }

  @Test
  default void fullLastPageHasNoNextPage() {
    harness().create("a");
    harness().create("b");

    JobPage page = await(harness().store().list(new JobQuery(ALL, true, Optional.empty(), 2)));

    assertThat(page.jobs()).hasSize(2);
    assertThat(page.next()).isEmpty();
  }

  @Test
  default void everyFilterMatchesTheRules() {
    List<JobRecord> all = manyKinds();
    JobFilter.Builder tenant = ALL.toBuilder();
    List<JobFilter> filters =
        List.of(
            JobFilter.getDefaultInstance(),
            ALL,
            JobFilter.newBuilder().setTenantId("none").build(),
            ALL.toBuilder().setUserId("bob").build(),
            ALL.toBuilder().addStates(JobState.JOB_STATE_CANCELLED).build(),
            ALL.toBuilder()
                .addStates(JobState.JOB_STATE_RUNNING)
                .addStates(JobState.JOB_STATE_QUEUED)
                .addStates(JobState.JOB_STATE_QUEUED)
                .build(),
            ALL.toBuilder().addTypes("t1").build(),
            ALL.toBuilder().addTypes("t1").addTypes("t0").addTypes("t0").build(),
            ALL.toBuilder()
                .addTypes("t1")
                .setUserId("ann")
                .addStates(JobState.JOB_STATE_RUNNING)
                .build(),
            ALL.toBuilder().setProjectId("p1").build(),
            ALL.toBuilder().setScope(JobScope.JOB_SCOPE_PROJECT).build(),
            ALL.toBuilder().setParentId("j0").build(),
            ALL.toBuilder().setTopLevel(true).build(),
            ALL.toBuilder().setKind(JobKind.JOB_KIND_SINGLE).build(),
            ALL.toBuilder().setKind(JobKind.JOB_KIND_BATCH).build(),
            ALL.toBuilder().setHealth(JobHealth.JOB_HEALTH_NOT_RUNNING).build(),
            ALL.toBuilder().putLabels("k", "v1").build(),
            ALL.toBuilder().putLabels("k", "v1").putLabels("rare", "7").build(),
            ALL.toBuilder().putLabels("k", "v0").setUserId("ann").build(),
            ALL.toBuilder().putLabels("k", "none").build(),
            ALL.toBuilder().putLabelsNot("k", "v1").build(),
            ALL.toBuilder().addLabelsAbsent("rare").build(),
            ALL.toBuilder().setDisplayName("Job 7").build(),
            ALL.toBuilder().setDisplayName("Job 7").setUserId("bob").build(),
            ALL.toBuilder().setIdPrefix("j1").build(),
            ALL.toBuilder().setIdPrefix("j1").addStates(JobState.JOB_STATE_QUEUED).build(),
            ALL.toBuilder().setIdPrefix("none").build(),
            JobFilter.newBuilder().setIdPrefix("j2").putLabels("k", "v0").build(),
            ALL.toBuilder().setText("OB 1").build(),
            ALL.toBuilder()
                .setEndTimeFrom(all.get(9).getJob().getStatus().getEndTime())
                .setEndTimeUntil(all.get(41).getJob().getStatus().getEndTime())
                .build(),
            tenant.setAttemptsAbove(0).build(),
            ALL.toBuilder()
                .setCreateTimeFrom(all.get(10).getJob().getCreateTime())
                .setCreateTimeUntil(all.get(30).getJob().getCreateTime())
                .build(),
            ALL.toBuilder()
                .addStates(JobState.JOB_STATE_CANCELLED)
                .setEndTimeFrom(all.get(9).getJob().getStatus().getEndTime())
                .setEndTimeUntil(all.get(41).getJob().getStatus().getEndTime())
                .build());

    for (JobFilter filter : filters) {
      List<JobRecord> expected =
          all.stream().filter(job -> JobFilters.matches(filter, job.getJob())).toList();
      for (int limit : List.of(1, 5, 1_000)) {
        assertThat(harness().list(filter, false, limit)).as("%s", filter).isEqualTo(expected);
      }
    }
  }

  private List<JobRecord> manyKinds() {
    List<JobRecord> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      harness().clock().advance(Duration.ofSeconds(1));
      String id = "j" + i;
      JobSpec.Builder spec = spec().setType("t" + i % 4).putLabels("k", "v" + i % 2).setPriority(i);
      if (i % 7 == 0) {
        spec.setDisplayName("Job " + i).putLabels("rare", "" + i);
      }
      if (i % 5 == 0) {
        spec.setScope(JobScope.JOB_SCOPE_PROJECT).setProjectId("p" + i % 3);
      }
      NewJob job =
          new NewJob(
              key(id), i % 3 == 0 ? "ann" : "bob", "ann", i % 8 == 3 ? "j0" : "", "", spec.build());
      JobRecord record = await(harness().createLater(job, List.of()));
      if (i % 4 == 1) {
        record = harness().apply(id, new JobCommand.Cancel("ann", "", null));
      } else if (i % 4 == 2) {
        record = harness().apply(id, new JobCommand.Claim("worker", id));
      }
      all.add(record);
    }
    return all;
  }

  @Test
  default void pagesAreStableUnderInsertsAndDeletes() {
    for (boolean newestFirst : List.of(true, false)) {
      String prefix = newestFirst ? "n" : "o";
      List<String> lasting = StoreHarness.numbered(prefix, 0, 100);
      List<String> passing = StoreHarness.numbered(prefix + "x", 0, 100);
      for (int i = 0; i < 100; i++) {
        harness().create(lasting.get(i));
        harness().create(passing.get(i));
      }
      List<String> seen = new ArrayList<>();
      Optional<String> after = Optional.empty();
      int page = 0;
      do {
        JobPage jobs = await(harness().store().list(new JobQuery(ALL, newestFirst, after, 7)));
        seen.addAll(ids(jobs.jobs()));
        after = jobs.next();
        for (int i = 0; i < 5 && !passing.isEmpty() && page < 20; i++) {
          int gone = newestFirst ? 99 - 5 * page - i : 5 * page + i;
          harness().apply(passing.get(gone), new JobCommand.Delete(""));
        }
        if (newestFirst) {
          harness().create(prefix + "new" + page);
        }
        page++;
      } while (after.isPresent());

      assertThat(seen).doesNotHaveDuplicates().containsAll(lasting);
    }
  }

  @Test
  default void sparseListEnds() {
    for (int i = 0; i < 2_500; i++) {
      NewJob job = new NewJob(key("j" + i), "ann", "ann", "", "", spec().build());
      CompletionStage<JobRecord> created = harness().createLater(job, List.of());
      if (i == 2_499) {
        await(created);
      }
    }
    harness().running("rare");
    JobFilter begun = ALL.toBuilder().setAttemptsAbove(0).build();

    assertThat(ids(harness().list(begun, false, 10))).containsExactly("rare");
    JobPage first = await(harness().store().list(new JobQuery(begun, false, Optional.empty(), 10)));
    assertThat(first.jobs()).isEmpty();
    assertThat(first.next()).isPresent();
  }

  @Test
  default void rareJobsAreFoundByAnIndexWhateverElseThereIs() {
    createMany("before", 1_500);
    harness().clock().advance(Duration.ofDays(3));
    harness().create("rare", spec().setDisplayName("Rare \"one\"").putLabels("k=\\", "\u00e4 v"));
    harness().create("common", spec().putLabels("k", "common"));
    JobRecord rare = harness().apply("rare", new JobCommand.Cancel("ann", "", null));
    Instant ended = Times.instant(rare.getJob().getStatus().getEndTime());
    harness().clock().advance(Duration.ofDays(3));
    createMany("after", 2_100);

    JobFilter.Builder tenant = ALL.toBuilder();
    for (JobFilter filter :
        List.of(
            tenant.clone().putLabels("k=\\", "\u00e4 v").build(),
            tenant.clone().setUserId("ann").putLabels("k=\\", "\u00e4 v").build(),
            tenant.clone().setDisplayName("Rare \"one\"").build(),
            tenant.clone().setIdPrefix("rar").build(),
            tenant
                .clone()
                .setEndTimeFrom(Times.timestamp(ended))
                .setEndTimeUntil(Times.timestamp(ended.plusSeconds(1)))
                .build())) {
      for (boolean newestFirst : List.of(true, false)) {
        assertThat(
                await(
                    harness()
                        .store()
                        .list(new JobQuery(filter, newestFirst, Optional.empty(), 10))))
            .as("%s", filter)
            .isEqualTo(new JobPage(List.of(rare), Optional.empty()));
      }
    }
  }

  @Test
  default void aLongRangeOfEndTimesIsReadPageByPage() {
    List<JobRecord> ended = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      harness().create("ended" + i);
      ended.add(harness().apply("ended" + i, new JobCommand.Cancel("ann", "", null)));
      createMany("other" + i, 900);
      harness().clock().advance(Duration.ofDays(20));
    }
    Instant first = Times.instant(ended.get(0).getJob().getStatus().getEndTime());
    for (Instant from : List.of(Instant.EPOCH, first)) {
      // No index has it: other jobs are read on the way, a limited number for each page.
      JobFilter filter =
          ALL.toBuilder()
              .setEndTimeFrom(Times.timestamp(from))
              .setEndTimeUntil(Times.timestamp(first.plus(Duration.ofDays(365))))
              .build();
      List<JobRecord> found = new ArrayList<>();
      int pages = 0;
      Optional<String> after = Optional.empty();
      do {
        JobPage page = await(harness().store().list(new JobQuery(filter, false, after, 10)));
        found.addAll(page.jobs());
        after = page.next();
        pages++;
      } while (after.isPresent());
      assertThat(found).isEqualTo(ended);
      assertThat(pages).as("2,703 jobs, 2,000 a page").isEqualTo(2);
    }
  }

  @Test
  default void indexesFollowTheJob() {
    harness().create("a", spec().setDisplayName("One").putLabels("k", "v"));
    JobFilter labelled = ALL.toBuilder().putLabels("k", "v").build();
    JobFilter relabelled = ALL.toBuilder().putLabels("k", "w").build();
    JobFilter one = ALL.toBuilder().setDisplayName("One").build();
    JobFilter two = ALL.toBuilder().setDisplayName("Two").build();
    JobSpec changed = JobSpec.newBuilder().setDisplayName("Two").putLabels("k", "w").build();

    harness().apply("a", new JobCommand.Update(changed, FieldMask.getDefaultInstance(), ""));

    assertThat(harness().list(labelled, false, 10)).isEmpty();
    assertThat(harness().list(one, false, 10)).isEmpty();
    assertThat(ids(harness().list(relabelled, false, 10))).containsExactly("a");
    assertThat(ids(harness().list(two, false, 10))).containsExactly("a");
    JobRecord ended = harness().apply("a", new JobCommand.Cancel("ann", "", null));
    JobFilter at =
        ALL.toBuilder()
            .setEndTimeFrom(ended.getJob().getStatus().getEndTime())
            .setEndTimeUntil(Times.timestamp(harness().clock().instant().plusSeconds(1)))
            .build();
    assertThat(ids(harness().list(at, false, 10))).containsExactly("a");
    harness().apply("a", new JobCommand.Retry("ann"));
    assertThat(harness().list(at, false, 10)).isEmpty();
    harness().apply("a", new JobCommand.Delete(""));
    harness().create("a");
    assertThat(harness().list(relabelled, false, 10)).isEmpty();
    assertThat(harness().list(two, false, 10)).isEmpty();
    assertThat(ids(harness().list(ALL.toBuilder().setIdPrefix("a").build(), false, 10)))
        .containsExactly("a");
  }
}
