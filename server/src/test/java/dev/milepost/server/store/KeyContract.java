package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.NewJob;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a store's reads by key find. */
interface KeyContract {
  StoreHarness harness();

  private void create(String id, String owner) {
    NewJob job = new NewJob(key(id), owner, owner, "", "", StoreHarness.spec().build());
    await(harness().createLater(job, List.of()));
  }

  private JobsByKey get(String owner, JobShape shape) {
    return await(
        harness()
            .store()
            .get(
                List.of(key("a1"), key("b1"), key("none"), key("a2"), key("b2")),
                owner,
                Long.MAX_VALUE,
                shape));
  }

  @Test
  default void aReadForAnOwnerLeavesOutTheJobsOfOthers() {
    create("a1", "ann");
    create("a2", "ann");
    create("b1", "bob");
    create("b2", "bob");

    assertThat(ids(get("", JobShape.WHOLE).jobs())).containsExactly("a1", "b1", "a2", "b2");
    assertThat(ids(get("ann", JobShape.WHOLE).jobs())).containsExactly("a1", "a2");
    assertThat(get("ann", JobShape.WHOLE).read()).isEqualTo(5);
    assertThat(get("carol", JobShape.WHOLE).jobs()).isEmpty();
    assertThat(get("an", JobShape.WHOLE).jobs()).isEmpty();
  }

  /** A record that was decoded would have passed the shape. */
  @Test
  default void aReadForAnOwnerDecodesNoJobOfOthers() {
    create("a1", "ann");
    create("b1", "bob");
    List<String> decoded = new ArrayList<>();

    var unused =
        get(
            "ann",
            job -> {
              decoded.add(job.getJob().getId());
              return job;
            });

    assertThat(decoded).containsExactly("a1");
  }

  @Test
  default void theOwnerIsKnownAfterTheJobHasChangedAndNotAfterItIsGone() {
    create("a1", "ann");
    create("b1", "bob");
    var unusedJob = harness().claim(StoreHarness.anything(10));

    assertThat(ids(get("ann", JobShape.WHOLE).jobs())).containsExactly("a1");
    assertThat(ids(get("bob", JobShape.WHOLE).jobs())).containsExactly("b1");

    await(
        harness()
            .store()
            .update(
                Selection.of(key("a1")),
                found -> Decision.of(new JobDecision.Remove(key("a1")), true)));

    assertThat(get("ann", JobShape.WHOLE).jobs()).isEmpty();
  }
}
