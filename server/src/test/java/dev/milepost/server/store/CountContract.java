package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
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
