package dev.milepost.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.access.TokenSealer;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CountJobsResponse;
import dev.milepost.v1.JobGroup;
import org.junit.jupiter.api.Test;

/** Counts by groups fit into one message, however many groups there are. */
class CountGroupsTest {
  private static final int JOBS = 3_000;

  @Test
  void theLargestGroupsAreShownAndTheOthersCounted() {
    try (UseCases app = new UseCases()) {
      StoreHarness harness = new StoreHarness(app.store, app.clock);
      harness.create("a", StoreHarness.spec().setProjectId("large"));
      harness.create("b", StoreHarness.spec().setProjectId("large"));
      String prefix = "p".repeat(1_000);
      for (int i = 2; i < JOBS; i++) {
        harness.create("j" + i, StoreHarness.spec().setProjectId(prefix + i));
      }
      Pages pages = new Pages(new TokenSealer(new byte[TokenSealer.KEY_BYTES]));
      CountJobsRequest byProject =
          CountJobsRequest.newBuilder().addGroupBy(JobGroup.JOB_GROUP_PROJECT).build();

      CountJobsResponse response =
          StoreHarness.await(
              new JobQueries(app.store, app.access, pages).count(UseCases.ANN, byProject));

      assertThat(response.getSerializedSize()).isBetween(2 << 20, 3 << 20);
      assertThat(response.getCounts(0).getProjectId()).isEqualTo("large");
      assertThat(response.getTotal()).isEqualTo(JOBS);
      assertThat(response.getOmitted()).isEqualTo(JOBS - 1 - response.getCountsCount());
    }
  }
}
