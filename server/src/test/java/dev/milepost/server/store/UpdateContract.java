package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.awaitAll;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.FieldMask;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.server.job.Refusal;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.LogLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every store does with updates. */
interface UpdateContract {
  StoreHarness harness();

  @Test
  default void createdJobCanBeRead() {
    JobRecord created = harness().create("a");

    assertThat(harness().get("a")).contains(created);
    assertThat(created.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(harness().journal("a")).hasSize(1);
  }

  /** A store may keep a short spec elsewhere than a long one. */
  @Test
  default void specMayGrowLongAndShrinkAgain() {
    harness().create("short");
    harness().create("long", spec().setDisplayName("x".repeat(5_000)));
    FieldMask name = FieldMask.newBuilder().addPaths("display_name").build();
    for (String id : List.of("short", "long")) {
      for (int length : new int[] {6_000, 10, 1_000, 1_100, 0}) {
        JobSpec changed = JobSpec.newBuilder().setDisplayName("y".repeat(length)).build();

        JobRecord updated = harness().apply(id, new JobCommand.Update(changed, name, ""));

        assertThat(updated.getJob().getSpec().getDisplayName()).hasSize(length);
        assertThat(harness().get(id)).contains(updated);
        assertThat(harness().list(JobFilter.getDefaultInstance(), true, 10)).contains(updated);
      }
      harness().apply(id, new JobCommand.Delete(""));
      assertThat(harness().get(id)).isEmpty();
    }
  }

  @Test
  default void newJobIsNotRead() {
    Selection selection = Selection.ofNew(key("a"), Optional.empty());
    JobRecord created =
        await(
            harness()
                .store()
                .update(
                    selection,
                    found -> {
                      assertThat(found.jobs()).isEmpty();
                      JobDecision.Put put =
                          harness().rules().create(job("a", spec()), List.of(), found.clock());
                      return Decision.of(put, put.record());
                    }));

    assertThat(harness().get("a")).contains(created);
    assertThat(harness().journal("a")).hasSize(1);
  }

  @Test
  default void secondCreateIsRefusedAndChangesNothing() {
    JobRecord created = harness().create("a");

    assertThatThrownBy(() -> harness().create("a", spec().setType("other")))
        .isInstanceOf(Refusal.JobAlreadyExists.class);
    assertThat(harness().get("a")).contains(created);
  }

  @Test
  default void idsAreScopedToTheirTenant() {
    harness().create("a");

    assertThat(await(harness().store().get(List.of(new JobKey("other", "a")))).jobs()).isEmpty();
  }

  @Test
  default void missingJobIsNotFound() {
    assertThatThrownBy(() -> harness().apply("a", new JobCommand.Tick()))
        .isInstanceOf(Refusal.JobNotFound.class);
    assertThat(harness().get("a")).isEmpty();
  }

  @Test
  default void jobsAreReadInOrderOfKeys() {
    harness().create("a");
    harness().create("b");

    List<JobRecord> jobs =
        await(harness().store().get(List.of(key("b"), key("none"), key("a")))).jobs();

    assertThat(StoreHarness.ids(jobs)).containsExactly("b", "a");
  }

  @Test
  default void refusedDecisionChangesNothing() {
    JobRecord created = harness().create("a");

    assertThatThrownBy(() -> harness().apply("a", new JobCommand.Retry("ann")))
        .isInstanceOf(Refusal.InvalidStateTransition.class);
    assertThat(harness().get("a")).contains(created);
  }

  @Test
  default void throwingDecisionDoesNotAffectOthers() {
    harness().running("a");
    List<CompletionStage<JobRecord>> good = new ArrayList<>();
    List<CompletionStage<Object>> bad = new ArrayList<>();
    for (int i = 1; i <= 50; i++) {
      good.add(harness().reportLater("a", token("a", 1), report(i)));
      bad.add(
          harness()
              .store()
              .update(
                  Selection.of(key("a")),
                  found -> {
                    throw new ArithmeticException("on purpose");
                  }));
    }

    assertThat(awaitAll(good)).extracting(JobRecord::getReportSeq).endsWith(50L);
    for (CompletionStage<Object> stage : bad) {
      assertThatThrownBy(() -> await(stage)).isInstanceOf(ArithmeticException.class);
    }
    assertThat(harness().get("a").orElseThrow().getRevision()).isEqualTo(52);
  }

  @Test
  default void invalidDecisionDoesNotAffectOthers() {
    JobRecord a = harness().create("a");
    JobRecord b = harness().create("b");
    JobDecision stray = new JobDecision.Put(b, List.of(), List.of());
    JobDecision jump =
        new JobDecision.Put(a.toBuilder().setRevision(7).build(), List.of(), List.of());

    for (JobDecision decision : List.of(stray, jump)) {
      assertThatThrownBy(
              () ->
                  await(
                      harness()
                          .store()
                          .update(Selection.of(key("a")), found -> Decision.of(decision, 1))))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(harness().get("a")).contains(a);
    assertThat(harness().get("b")).contains(b);
  }

  @Test
  default void decisionsOnOneJobSeePreviousOnes() {
    harness().running("a");
    List<CompletionStage<JobRecord>> reports = new ArrayList<>();
    for (int i = 1; i <= 500; i++) {
      reports.add(harness().reportLater("a", token("a", 1), report(i)));
    }

    assertThat(awaitAll(reports)).extracting(JobRecord::getReportSeq).isSorted();
    JobRecord after = harness().get("a").orElseThrow();
    assertThat(after.getRevision()).isEqualTo(502);
    assertThat(after.getReportSeq()).isEqualTo(500);
    assertThat(after.getJob().getStatus().getJournalSequence()).isEqualTo(502);
  }

  @Test
  default void noUpdateOfManyThreadsIsLost() throws InterruptedException {
    List<String> ids = StoreHarness.numbered("j", 0, 10);
    ids.forEach(harness()::running);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 25; i++) {
                  ids.forEach(id -> await(harness().reportLater(id, token(id, 1), report(0))));
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    for (String id : ids) {
      JobRecord after = harness().get(id).orElseThrow();
      assertThat(after.getRevision()).isEqualTo(2 + 8 * 25);
      assertThat(after.getJob().getStatus().getLogCounts().getInfo()).isEqualTo(8 * 25);
    }
  }

  @Test
  default void oneUpdateChangesManyJobsOfItsTenantOnly() {
    List<String> tenants = List.of("tenant-0", "tenant-1", "tenant-2");
    for (String tenant : tenants) {
      for (int i = 1; i < 100; i++) {
        NewJob job = new NewJob(new JobKey(tenant, "j" + i), "ann", "ann", "", "", spec().build());
        await(harness().createLater(job, List.of()));
      }
    }
    for (int t = 0; t < tenants.size(); t++) {
      List<JobKey> keys = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        keys.add(new JobKey(tenants.get(t), "j" + i));
      }
      Selection all = new Selection.Named(keys, Set.of(), Optional.empty(), false);

      int removed = await(harness().store().update(all, this::deleteAll));

      assertThat(removed).as("existing jobs").isEqualTo(99);
      assertThat(await(harness().store().get(keys)).jobs()).isEmpty();
      assertThat(harness().list(JobFilter.getDefaultInstance(), true, 1_000))
          .hasSize(99 * (tenants.size() - 1 - t));
    }
  }

  private Decision<Integer> deleteAll(Found found) {
    List<JobDecision> deletes =
        found.jobs().stream()
            .map(job -> harness().rules().decide(job, new JobCommand.Delete(""), found).first())
            .toList();
    return Decision.of(deletes, deletes.size());
  }

  @Test
  default void decisionOnSeveralJobsIsAllOrNothing() {
    JobRecord parent = harness().create("parent");
    Selection parentAndChild =
        new Selection.Named(
            List.of(key("parent"), key("child")), Set.of(), Optional.empty(), false);
    List<Boolean> outcomes = List.of(false, true);
    for (boolean good : outcomes) {
      CompletionStage<Boolean> update =
          harness()
              .store()
              .update(
                  parentAndChild,
                  found -> {
                    JobDecision cancel =
                        harness()
                            .rules()
                            .decide(
                                found.job(key("parent")).orElseThrow(),
                                new JobCommand.Cancel("ann", "", null),
                                found)
                            .first();
                    JobDecision child =
                        harness().rules().create(job("child", spec()), List.of(), found.clock());
                    if (!good) {
                      throw new Refusal.JobNotFound("child");
                    }
                    return new Decision<>(List.of(cancel, child), Optional.empty(), true);
                  });
      if (good) {
        assertThat(await(update)).isTrue();
      } else {
        assertThatThrownBy(() -> await(update)).isInstanceOf(Refusal.JobNotFound.class);
        assertThat(harness().get("parent")).contains(parent);
        assertThat(harness().get("child")).isEmpty();
      }
    }
    assertThat(harness().get("parent").orElseThrow().getJob().getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(harness().get("child")).isPresent();
  }

  @Test
  default void deletionRemovesJournalAndItems() {
    harness().running("a");
    await(
        harness()
            .reportLater(
                "a",
                token("a", 1),
                report(1, LogLevel.LOG_LEVEL_ERROR, "x").toBuilder()
                    .addItems(Item.newBuilder().setId("i"))
                    .build()));
    harness().apply("a", new JobCommand.Release(token("a", 1), report(0), Map.of(), ""));

    harness().apply("a", new JobCommand.Delete(""));

    assertThat(harness().get("a")).isEmpty();
    assertThat(harness().journal("a")).isEmpty();
    harness().create("a");
    assertThat(harness().journal("a")).hasSize(1);
    assertThat(
            await(harness().store().items(new ItemQuery(key("a"), Set.of(), "", "", 10))).items())
        .isEmpty();
  }

  @Test
  default void jobMayBeDeletedAndCreatedAgainAtOnce() {
    List<CompletionStage<JobRecord>> stages = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      stages.add(harness().createLater(job("a", spec()), List.of()));
      stages.add(harness().applyLater("a", new JobCommand.Cancel("ann", "", null)));
      stages.add(harness().applyLater("a", new JobCommand.Delete("")));
    }
    awaitAll(stages);

    assertThat(harness().get("a")).isEmpty();
    assertThat(harness().create("a").getRevision()).isEqualTo(1);
    assertThat(harness().journal("a")).hasSize(1);
  }

  @Test
  default void closedStoreRefusesUpdates() {
    harness().create("a");
    harness().store().close();
    harness().store().close();

    assertThatThrownBy(() -> harness().create("b"))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.NOT_APPLIED));
    assertThatThrownBy(() -> harness().get("a")).isInstanceOf(StoreException.class);
  }
}
