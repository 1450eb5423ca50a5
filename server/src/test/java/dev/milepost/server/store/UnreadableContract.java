package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.TENANT;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.milepost.server.job.BatchRules;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.server.store.StoreDamage.Damage;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.ChildCounts;
import dev.milepost.v1.Item;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every store that can be damaged does with records that cannot be read. */
public interface UnreadableContract {
  StoreHarness harness();

  /** Damages what the store keeps. */
  StoreDamage damage();

  /** Called after something has been damaged. */
  default void damaged() {}

  private void damage(JobKey key, Damage damage) {
    damage().jobs(List.of(key), damage);
    damaged();
  }

  private void damage(List<String> ids) {
    damage().jobs(ids.stream().map(StoreHarness::key).toList(), Damage.GARBAGE);
    damaged();
  }

  private static List<String> unreadable(List<UnreadableJob> jobs) {
    return jobs.stream().map(job -> job.key().jobId()).toList();
  }

  private JobPage list(JobFilter filter, int limit) {
    return await(harness().store().list(new JobQuery(filter, false, Optional.empty(), limit)));
  }

  private void remove(String id) {
    await(
        harness()
            .store()
            .update(
                Selection.of(key(id)),
                found -> Decision.of(new JobDecision.Remove(key(id)), true)));
  }

  private long count(JobFilter filter) {
    return await(harness().store().count(new CountQuery(filter, Set.of()))).get(0).getCount();
  }

  @ParameterizedTest
  @EnumSource
  default void readsSkipAndNameOne(Damage damage) {
    StoreHarness.numbered("j", 0, 5).forEach(harness()::create);
    damage(key("j2"), damage);

    JobPage page = list(ListContract.ALL, 10);
    JobsByKey read =
        await(harness().store().get(List.of(key("j1"), key("j2"), key("none"), key("j3"))));

    assertThat(ids(page.jobs())).containsExactly("j0", "j1", "j3", "j4");
    assertThat(unreadable(page.unreadable())).containsExactly("j2");
    assertThat(page.next()).isEmpty();
    assertThat(ids(read.jobs())).containsExactly("j1", "j3");
    assertThat(unreadable(read.unreadable())).containsExactly("j2");
    Job known = read.unreadable().get(0).known();
    assertThat(known.getTenantId()).isEqualTo(TENANT);
    assertThat(known.getUserId()).isEqualTo("ann");
    JobsByKey ofAnn = getOf("ann", "j2");
    assertThat(ofAnn.jobs()).isEmpty();
    assertThat(unreadable(ofAnn.unreadable())).containsExactly("j2");
    assertThat(getOf("bob", "j2").unreadable()).isEmpty();
  }

  private JobsByKey getOf(String owner, String id) {
    return await(harness().store().get(List.of(key(id)), owner, Long.MAX_VALUE, JobShape.WHOLE));
  }

  @Test
  default void filtersOnWhatIsKnownApply() {
    StoreHarness.numbered("j", 0, 3).forEach(harness()::create);
    damage(List.of("j1"));
    JobFilter anns = ListContract.ALL.toBuilder().setUserId("ann").build();
    JobFilter bens = ListContract.ALL.toBuilder().setUserId("ben").build();

    assertThat(unreadable(list(anns, 10).unreadable())).containsExactly("j1");
    assertThat(list(bens, 10)).isEqualTo(new JobPage(List.of(), Optional.empty()));
    assertThat(list(ListContract.ALL.toBuilder().addTypes("other").build(), 10).unreadable())
        .isEmpty();
    // The text that a search compares is beside the record.
    JobFilter named = ListContract.ALL.toBuilder().setText("J1").build();
    JobFilter others = ListContract.ALL.toBuilder().setText("J2").build();
    assertThat(unreadable(list(named, 10).unreadable())).containsExactly("j1");
    assertThat(list(others, 10).unreadable()).isEmpty();
    assertThat(ids(list(others, 10).jobs())).containsExactly("j2");
  }

  @Test
  default void pagesPassManyOnTheirWay() {
    List<String> bad = StoreHarness.numbered("bad", 0, 150);
    harness().create("first");
    bad.forEach(harness()::create);
    harness().create("last");
    damage(bad);

    List<String> named = new ArrayList<>();
    List<String> read = new ArrayList<>();
    Optional<String> after = Optional.empty();
    do {
      JobPage page = await(harness().store().list(new JobQuery(ListContract.ALL, false, after, 1)));
      named.addAll(unreadable(page.unreadable()));
      read.addAll(ids(page.jobs()));
      after = page.next();
    } while (after.isPresent());

    assertThat(read).containsExactly("first", "last");
    assertThat(named).containsExactlyElementsOf(bad);
    assertThat(ids(list(ListContract.ALL, 100).jobs())).containsExactly("first", "last");
    assertThat(count(ListContract.ALL)).isEqualTo(152);
  }

  @ParameterizedTest
  @EnumSource
  default void claimsPassOneOfHighestPriorityOnce(Damage damage) {
    harness().create("bad", spec().setPriority(100));
    harness().create("a");
    harness().create("b");
    damage(key("bad"), damage);

    assertThat(ids(harness().claim(StoreHarness.anything(1)))).containsExactly("a");
    assertThat(ids(harness().claim(StoreHarness.anything(2)))).containsExactly("b");
    assertThat(claimable(10).unreadable()).isEmpty();
  }

  @Test
  default void claimsPassManyOfHighestPriority() {
    List<String> bad = StoreHarness.numbered("bad", 0, 150);
    bad.forEach(id -> harness().create(id, spec().setPriority(100)));
    harness().create("a");
    damage(bad);

    List<String> claimed = new ArrayList<>();
    // Each try takes some of them out of the index for good.
    for (int tries = 0; claimed.isEmpty() && tries < 150; tries++) {
      claimed.addAll(ids(harness().claim(StoreHarness.anything(1))));
    }

    assertThat(claimed).containsExactly("a");
    assertThat(claimable(100).unreadable()).isEmpty();
    assertThat(list(ListContract.ALL, 100).unreadable()).hasSize(150);
  }

  private Found claimable(int limit) {
    return await(
        harness()
            .store()
            .update(
                new Selection.Claimable(StoreHarness.anything(limit), Optional.empty()),
                Decision::nothing));
  }

  @Test
  default void postponedJobsMakeWayForOthers() {
    List<String> bad = StoreHarness.numbered("bad", 0, 150);
    bad.forEach(harness()::running);
    harness().clock().advance(Duration.ofMillis(10));
    harness().running("good");
    damage(bad);
    Instant late = harness().clock().instant().plus(Duration.ofDays(1));
    DueJobs before = await(harness().store().due(late, 100));

    for (String id : bad) {
      await(
          harness()
              .store()
              .update(
                  Selection.of(key(id)),
                  found ->
                      Decision.of(new JobDecision.Postpone(key(id), late.plusSeconds(60)), true)));
    }

    assertThat(before.keys()).hasSize(100).doesNotContain(key("good"));
    assertThat(await(harness().store().due(late, 100)).keys()).containsExactly(key("good"));
    assertThat(await(harness().store().due(late.plusSeconds(61), 1_000)).keys()).hasSize(151);
  }

  @Test
  default void readableJobCanBePostponedUntilItsStateChanges() {
    JobRecord job = harness().running("a");
    Instant late = harness().clock().instant().plus(Duration.ofDays(1));
    await(
        harness()
            .store()
            .update(
                Selection.of(key("a")),
                found ->
                    Decision.of(new JobDecision.Postpone(key("a"), late.plusSeconds(60)), true)));

    assertThat(await(harness().store().due(late, 10)).keys()).isEmpty();
    assertThat(harness().get("a")).contains(job);

    harness().clock().advance(Duration.ofSeconds(1));
    harness().apply("a", new JobCommand.Cancel("ann", "", null));

    assertThat(await(harness().store().due(late, 10)).keys()).containsExactly(key("a"));
  }

  @ParameterizedTest
  @EnumSource
  default void removedLeavesNothingBehind(Damage damage) {
    harness().create("queued", spec().setProjectId("p"));
    harness().running("running");
    await(harness().reportLater("running", token("running", 1), report(1)));
    JobRecord good = harness().create("good", spec().setProjectId("p"));
    damage(key("queued"), damage);
    damage(key("running"), damage);

    remove("queued");
    remove("running");

    assertThat(list(ListContract.ALL, 10).unreadable()).isEmpty();
    assertThat(ids(list(ListContract.ALL, 10).jobs())).containsExactly("good");
    assertThat(count(ListContract.ALL)).isEqualTo(1);
    assertThat(harness().storedBytes(ListContract.ALL))
        .as("the average was subtracted")
        .isCloseTo(good.getChargedBytes(), within(10L));
    assertThat(count(JobFilter.getDefaultInstance())).isEqualTo(1);
    assertThat(count(ListContract.ALL.toBuilder().setUserId("ann").build())).isEqualTo(1);
    assertThat(count(ListContract.ALL.toBuilder().setProjectId("p").build())).isEqualTo(1);
    assertThat(count(ListContract.ALL.toBuilder().addStates(JobState.JOB_STATE_RUNNING).build()))
        .isZero();
    Instant late = harness().clock().instant().plus(Duration.ofDays(10));
    assertThat(await(harness().store().due(late, 10)).keys()).doesNotContain(key("running"));
    assertThat(ids(harness().claim(StoreHarness.anything(10)))).containsExactly("good");
    assertThat(harness().journal("running")).isEmpty();

    harness().create("running");

    assertThat(harness().journal("running")).hasSize(1);
    assertThat(count(ListContract.ALL)).isEqualTo(2);
  }

  private Found update(String id, Function<Found, List<JobDecision>> decide) {
    return await(
        harness()
            .store()
            .update(Selection.of(key(id)), found -> Decision.of(decide.apply(found), found)));
  }

  /** Creates a batch of two child jobs that can be claimed. */
  private void makeBatch() {
    BatchRules batches = harness().rules().batches();
    update("batch", found -> List.of(batches.open(job("batch", spec()), "", found.clock())));
    List<JobKey> keys = List.of(key("batch"), key("c0"), key("c1"));
    Selection all = new Selection.Named(keys, Set.of(), Optional.empty(), false);
    List<Item> items = List.of(Item.newBuilder().setId("i").build());
    for (JobKey child : keys.subList(1, 3)) {
      await(
          harness()
              .store()
              .update(
                  all,
                  found ->
                      Decision.of(
                          batches.add(found.jobs().get(0), child, items, found.clock()), true)));
    }
    update("batch", found -> List.of(batches.seal(found.jobs().get(0), found.clock())));
    await(
        harness()
            .store()
            .update(
                all,
                found ->
                    Decision.of(
                        harness()
                            .rules()
                            .childSlices()
                            .change(
                                found.jobs().get(0),
                                found.jobs().get(0).getParentRecord().getWork(),
                                found.jobs().subList(1, 3),
                                List.of(),
                                Optional.empty(),
                                found.clock()),
                        true)));
  }

  private Found deleteUnreadable(String id) {
    return update(
        id,
        found ->
            harness()
                .rules()
                .unreadableChildren()
                .remove(found.unreadable(key(id)).orElseThrow().known(), found));
  }

  private long count(JobState state) {
    return count(ListContract.ALL.toBuilder().addStates(state).build());
  }

  @ParameterizedTest
  @EnumSource
  default void parentOfADeletedChildCountsItAsFailed(Damage damage) {
    makeBatch();
    harness().apply("c0", new JobCommand.Claim("worker", token("c0", 1)));
    damage(key("c0"), damage);

    Found found = deleteUnreadable("c0");

    assertThat(ids(found.parents())).containsExactly("batch");
    assertThat(harness().get("batch").orElseThrow().getJob().getStatus().getChildCounts())
        .isEqualTo(ChildCounts.newBuilder().setQueued(1).setFailed(1).build());
    assertThat(harness().journal("batch")).hasSize(3);

    damage(key("c1"), damage);
    deleteUnreadable("c1");

    JobRecord batch = harness().get("batch").orElseThrow();
    assertThat(batch.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(batch.getJob().getStatus().getError().getMessage()).contains("2 of 2", "damaged");
    assertThat(count(ListContract.ALL)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  default void unreadableChildThatIsEndedIsIndexedAsFailed(Damage damage) {
    makeBatch();
    harness().apply("c0", new JobCommand.Claim("worker", token("c0", 1)));
    damage(key("c0"), damage);
    damage(key("c1"), damage);

    for (String id : List.of("c0", "c1", "c0")) {
      update(
          id,
          found ->
              harness()
                  .rules()
                  .unreadableChildren()
                  .fail(found.unreadable(key(id)).orElseThrow().known(), found));
    }

    JobRecord batch = harness().get("batch").orElseThrow();
    assertThat(batch.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(batch.getJob().getStatus().getChildCounts())
        .isEqualTo(ChildCounts.newBuilder().setFailed(2).build());
    assertThat(count(JobState.JOB_STATE_FAILED)).isEqualTo(3);
    assertThat(count(JobState.JOB_STATE_RUNNING)).isZero();
    assertThat(count(JobState.JOB_STATE_QUEUED)).isZero();
    JobFilter failed = ListContract.ALL.toBuilder().addStates(JobState.JOB_STATE_FAILED).build();
    assertThat(unreadable(list(failed, 10).unreadable())).containsExactly("c0", "c1");
    Instant late = harness().clock().instant().plus(Duration.ofDays(1));
    assertThat(await(harness().store().due(late, 10)).keys()).doesNotContain(key("c0"));
    assertThat(claimable(10).unreadable()).isEmpty();

    deleteUnreadable("c0");

    assertThat(count(JobState.JOB_STATE_FAILED)).isEqualTo(2);
    assertThat(unreadable(list(failed, 10).unreadable())).containsExactly("c1");
  }

  @Test
  default void readableJobIsNotMarkedAsFailed() {
    harness().create("a");

    assertThatThrownBy(() -> update("a", found -> List.of(new JobDecision.MarkFailed(key("a")))))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  default void removalIsPublished() {
    harness().create("a");
    damage(List.of("a"));
    List<Change> published = new ArrayList<>();
    Subscription subscription =
        harness()
            .store()
            .subscribe(
                new ChangeListener() {
                  @Override
                  public void changed(List<Change> changes) {
                    published.addAll(changes);
                  }

                  @Override
                  public void missed() {}
                });

    remove("a");

    subscription.close();
    assertThat(published).containsExactly(new Change(key("a"), null, null, List.of()));
  }

  @Test
  default void unreadableJobIsNotOverwritten() {
    JobRecord job = harness().create("a");
    damage(List.of("a"));

    assertThatThrownBy(
            () ->
                await(
                    harness()
                        .store()
                        .update(
                            Selection.of(key("a")),
                            found ->
                                Decision.of(new JobDecision.Put(job, List.of(), List.of()), true))))
        .isInstanceOf(Refusal.JobUnreadable.class);
    assertThat(unreadable(list(ListContract.ALL, 10).unreadable())).containsExactly("a");
  }

  @Test
  default void updatesOfOthersInTheSameSelectionGoOn() {
    StoreHarness.numbered("j", 0, 3).forEach(harness()::create);
    damage(List.of("j1"));
    List<JobKey> keys = List.of(key("j0"), key("j1"), key("j2"));

    Found found =
        await(
            harness()
                .store()
                .update(
                    new Selection.Named(keys, Set.of(), Optional.empty(), false),
                    all ->
                        Decision.of(
                            harness()
                                .rules()
                                .decide(
                                    all.jobs(), job -> new JobCommand.Cancel("ann", "", null), all)
                                .all(),
                            all)));

    assertThat(ids(found.jobs())).containsExactly("j0", "j2");
    assertThat(unreadable(found.unreadable())).containsExactly("j1");
    assertThat(count(ListContract.ALL.toBuilder().addStates(JobState.JOB_STATE_CANCELLED).build()))
        .isEqualTo(2);
  }

  @Test
  default void unreadableItemsAndEntriesAreNamedOnTheirPage() {
    List<Item> items =
        StoreHarness.numbered("i", 0, 6).stream()
            .map(id -> Item.newBuilder().setId(id).build())
            .toList();
    await(harness().createLater(job("a", spec()), items));
    for (String id : List.of("i1", "i2", "i5")) {
      damage().item(key("a"), id);
    }
    damage().journal(key("a"));
    damaged();

    ItemPage first = await(harness().store().items(new ItemQuery(key("a"), Set.of(), "", "", 1)));
    ItemPage second =
        await(harness().store().items(new ItemQuery(key("a"), Set.of(), "", "i0", 1)));
    ItemPage last = await(harness().store().items(new ItemQuery(key("a"), Set.of(), "", "i3", 9)));
    assertThat(first.items()).extracting(Item::getId).containsExactly("i0");
    assertThat(first.unreadable()).isEmpty();
    assertThat(second.items()).extracting(Item::getId).containsExactly("i3");
    assertThat(second.unreadable()).containsExactly("i1", "i2");
    assertThat(last.items()).extracting(Item::getId).containsExactly("i4");
    assertThat(last.unreadable()).containsExactly("i5");
    assertThat(last.more()).isFalse();

    JournalPage journal = await(harness().store().journal(new JournalQuery(key("a"), 0, 100)));
    assertThat(journal.entries()).isEmpty();
    assertThat(journal.unreadable()).containsExactly(1L);
    assertThat(journal.through()).isEqualTo(journal.last()).isEqualTo(1);
    JournalPage backward =
        await(harness().store().journal(new JournalQuery(key("a"), Long.MAX_VALUE, 100, true)));
    assertThat(backward.entries()).isEmpty();
    assertThat(backward.unreadable()).containsExactly(1L);
    assertThat(backward.isLast()).isTrue();
  }
}
