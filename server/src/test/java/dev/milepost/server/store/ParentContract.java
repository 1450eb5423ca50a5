package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.anything;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.key;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.job.BatchRules;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.NewJob;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What every store does with parents and their child jobs. */
interface ParentContract {
  StoreHarness harness();

  private BatchRules batches() {
    return harness().rules().batches();
  }

  /** Creates an open batch of one child job with one item. */
  private void makeBatch() {
    await(
        harness()
            .store()
            .update(
                Selection.of(key("batch")),
                found ->
                    Decision.of(batches().open(job("batch", spec()), "", found.clock()), true)));
    await(
        harness()
            .store()
            .update(
                named("batch", "child"),
                found ->
                    Decision.of(
                        batches()
                            .add(
                                found.job(key("batch")).orElseThrow(),
                                key("child"),
                                List.of(Item.newBuilder().setId("i").build()),
                                found.clock()),
                        true)));
  }

  private static Selection named(String... ids) {
    List<JobKey> keys = List.of(ids).stream().map(StoreHarness::key).toList();
    return new Selection.Named(keys, Set.of(), Optional.empty(), false);
  }

  @Test
  default void parentOfASelectedJobIsFound() {
    makeBatch();
    JobRecord batch = harness().get("batch").orElseThrow();

    Found child = await(harness().store().update(named("child"), Decision::nothing));
    assertThat(child.jobs()).extracting(job -> job.getJob().getId()).containsExactly("child");
    assertThat(child.parents()).containsExactly(batch);
    assertThat(child.job(key("batch"))).isEmpty();
    assertThat(child.jobOrParent(key("batch"))).contains(batch);

    Found both = await(harness().store().update(named("child", "batch"), Decision::nothing));
    assertThat(both.jobs()).hasSize(2);
    assertThat(both.parents()).as("parents that are selected").isEmpty();
  }

  @Test
  default void parentMayBeChangedWithItsChild() {
    makeBatch();
    await(
        harness()
            .store()
            .update(
                named("child"),
                found -> Decision.of(batches().seal(found.parents().get(0), found.clock()), true)));
    assertThat(harness().get("batch").orElseThrow().getParentRecord().hasAbandonTime()).isFalse();
  }

  @Test
  default void newChildMayBeCreatedWithItsParent() {
    makeBatch();
    assertThat(made("other", "batch", "batch")).isTrue();
    assertThat(harness().get("other").orElseThrow().getJob().getParentId()).isEqualTo("batch");

    assertThatThrownBy(() -> made("third", "", "batch")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> made("third", "elsewhere", "batch"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(harness().get("third")).isEmpty();
  }

  private boolean made(String id, String parent, String selected) {
    NewJob plain = job(id, spec());
    NewJob job = new NewJob(plain.key(), "ann", "ann", parent, "", plain.spec());
    return await(
        harness()
            .store()
            .update(
                named(selected),
                found ->
                    Decision.of(
                        List.<JobDecision>of(
                            harness().rules().create(job, List.of(), found.clock()),
                            new JobDecision.Keep(found.jobs().get(0))),
                        true)));
  }

  @Test
  default void childJobsAreClaimableOnlyAfterTheirRelease() {
    makeBatch();
    assertThat(harness().claim(anything(10))).isEmpty();
    change(found -> List.of(batches().seal(batch(found), found.clock())));
    assertThat(harness().claim(anything(10))).as("sealed, but not released").isEmpty();
    change(
        found ->
            harness()
                .rules()
                .childSlices()
                .change(
                    batch(found),
                    batch(found).getParentRecord().getWork(),
                    List.of(found.job(key("child")).orElseThrow()),
                    List.of(),
                    Optional.empty(),
                    found.clock()));

    assertThat(ids(harness().claim(anything(10)))).as("never the parent").containsExactly("child");
  }

  private void change(Function<Found, List<JobDecision>> decide) {
    await(
        harness()
            .store()
            .update(named("batch", "child"), found -> Decision.of(decide.apply(found), true)));
  }

  private static JobRecord batch(Found found) {
    return found.job(key("batch")).orElseThrow();
  }
}
