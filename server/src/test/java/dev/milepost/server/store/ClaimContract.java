package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.TENANT;
import static dev.milepost.server.store.StoreHarness.anything;
import static dev.milepost.server.store.StoreHarness.awaitAll;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.report;
import static dev.milepost.server.store.StoreHarness.spec;
import static dev.milepost.server.store.StoreHarness.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every store does with claims. */
interface ClaimContract {
  StoreHarness harness();

  @Test
  default void emptyStoreHasNothingToClaim() {
    assertThat(harness().claim(anything(10))).isEmpty();
  }

  @Test
  default void highestPriorityThenOldestIsClaimedFirst() {
    harness().create("low", spec().setPriority(10));
    harness().create("old", spec());
    harness().create("new", spec().setType("other").setScope(JobScope.JOB_SCOPE_GLOBAL));
    harness().create("high", spec().setPriority(100));

    assertThat(ids(harness().claim(anything(3)))).containsExactly("high", "old", "new");
    assertThat(ids(harness().claim(anything(3)))).containsExactly("low");
  }

  private List<String> firstClaimable(String tenant) {
    return StoreHarness.await(harness().store().firstClaimable(tenant)).stream()
        .map(JobKey::jobId)
        .toList();
  }

  @Test
  default void firstClaimableJobsOfEachLaneAndPriorityAreFound() {
    assertThat(firstClaimable(TENANT)).isEmpty();
    for (int i = 0; i < 30; i++) {
      harness()
          .create(
              "later" + i,
              spec()
                  .setNotBeforeTime(
                      Times.timestamp(harness().clock().instant().plusSeconds(3_600))));
    }
    for (int i = 0; i < 30; i++) {
      harness().create("high" + i, spec().setPriority(90));
    }
    for (int i = 0; i < 3; i++) {
      harness().create("low" + i, spec().setPriority(10));
      harness().create("other" + i, spec().setType("other"));
    }
    harness().running("running");

    assertThat(firstClaimable(TENANT))
        .contains("high0", "low0", "other0")
        .doesNotContain("high29", "running")
        .noneMatch(id -> id.startsWith("later"))
        .doesNotHaveDuplicates();
    assertThat(firstClaimable("nobody")).isEmpty();

    harness().apply("other0", new JobCommand.Cancel("ann", "", null));
    assertThat(firstClaimable(TENANT)).contains("other1").doesNotContain("other0");
  }

  @Test
  default void firstClaimableJobsAreLimited() {
    List<CompletionStage<JobRecord>> created = new ArrayList<>();
    for (int type = 0; type < 30; type++) {
      for (int priority = 0; priority < 5; priority++) {
        String id = "j" + type + "-" + priority;
        created.add(
            harness()
                .createLater(
                    StoreHarness.job(id, spec().setType("t" + type).setPriority(priority)),
                    List.of()));
      }
    }
    awaitAll(created);
    assertThat(firstClaimable(TENANT))
        .hasSizeBetween(ClaimQuery.MAX_FIRST_OF, ClaimQuery.MAX_FIRST)
        .doesNotHaveDuplicates();
  }

  @Test
  default void claimTakesOnlyMatchingJobs() {
    harness().create("s", spec());
    harness().create("t", spec().setType("other"));
    harness()
        .create("p", spec().setScope(JobScope.JOB_SCOPE_PROJECT).setProjectId("x").setPriority(80));

    assertThat(harness().claim(query(Set.of("none"), Set.of(), 0, 100))).isEmpty();
    assertThat(harness().claim(query(Set.of(), Set.of(), 51, 79))).isEmpty();
    assertThat(harness().claim(query(Set.of(), Set.of(JobScope.JOB_SCOPE_GLOBAL), 0, 100)))
        .isEmpty();
    assertThat(harness().claim(new ClaimQuery("other", Set.of(), Set.of(), 0, 100, 10))).isEmpty();
    assertThat(ids(harness().claim(query(Set.of("other", "none"), Set.of(), 0, 100))))
        .containsExactly("t");
    assertThat(ids(harness().claim(query(Set.of(), Set.of(), 80, 80)))).containsExactly("p");
    assertThat(ids(harness().claim(query(Set.of(), Set.of(JobScope.JOB_SCOPE_ITEM_SET), 50, 50))))
        .containsExactly("s");
  }

  private static ClaimQuery query(Set<String> types, Set<JobScope> scopes, int min, int max) {
    return new ClaimQuery(TENANT, types, scopes, min, max, 10);
  }

  private static ClaimQuery ofBytes(int limit, long maxBytes) {
    return new ClaimQuery(TENANT, Set.of(), Set.of(), 0, 100, limit, maxBytes);
  }

  @Test
  default void claimTakesWhatFitsAndLeavesTheRestQueued() {
    List<String> created = StoreHarness.numbered("j", 0, 5);
    created.forEach(id -> harness().create(id, StoreHarness.spec(100_000)));

    assertThat(ids(harness().claim(ofBytes(10, 250_000)))).containsExactly("j0", "j1");
    for (String id : List.of("j2", "j3", "j4")) {
      JobStatus left = harness().get(id).orElseThrow().getJob().getStatus();
      assertThat(left.getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
      assertThat(left.getAttempt()).isZero();
    }
    assertThat(ids(harness().claim(ofBytes(10, 250_000)))).containsExactly("j2", "j3");
    assertThat(ids(harness().claim(ofBytes(10, 250_000)))).containsExactly("j4");
  }

  @Test
  default void claimTakesOneJobWhateverItsSize() {
    harness().create("large", StoreHarness.spec(100_000));
    harness().create("small");

    assertThat(ids(harness().claim(ofBytes(10, 1_000)))).containsExactly("large");
    assertThat(ids(harness().claim(ofBytes(10, 1_000)))).containsExactly("small");
  }

  @Test
  default void claimsOfOneGroupTakeEachJobOnceWhateverFits() {
    List<String> created = StoreHarness.numbered("j", 0, 30);
    created.forEach(id -> harness().create(id, StoreHarness.spec(200_000)));

    List<CompletionStage<List<JobRecord>>> claims = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      claims.add(harness().claimLater(ofBytes(10, 700_000)));
    }

    assertThat(awaitAll(claims)).allSatisfy(jobs -> assertThat(jobs).hasSize(3));
    assertThat(harness().claim(anything(10))).isEmpty();
  }

  @Test
  default void changedPriorityTakesEffect() {
    harness().create("a");
    harness().create("b");
    harness()
        .apply(
            "b",
            new JobCommand.Update(
                spec().setPriority(60).build(),
                FieldMask.newBuilder().addPaths("priority").build(),
                ""));

    assertThat(ids(harness().claim(anything(2)))).containsExactly("b", "a");
  }

  @Test
  default void delayedJobIsNotClaimedEarly() {
    harness()
        .create(
            "later",
            spec()
                .setPriority(100)
                .setNotBeforeTime(
                    Times.timestamp(harness().clock().instant().plus(Duration.ofMinutes(1)))));
    harness().create("now");

    assertThat(ids(harness().claim(anything(2)))).containsExactly("now");
    harness().clock().advance(Duration.ofMinutes(1));
    harness().apply("later", new JobCommand.Tick());
    assertThat(ids(harness().claim(anything(2)))).containsExactly("later");
  }

  @Test
  default void releasedJobKeepsItsPosition() {
    harness().create("first");
    harness().create("second");
    harness().claim(anything(1));
    harness().apply("first", new JobCommand.Release(token("first", 1), report(0), Map.of(), ""));

    assertThat(ids(harness().claim(anything(2)))).containsExactly("first", "second");
    assertThat(harness().get("first").orElseThrow().getAttemptToken()).isEqualTo(token("first", 2));
  }

  @Test
  default void noJobIsClaimedTwice() {
    Random random = new Random(7);
    List<CompletionStage<JobRecord>> creates = new ArrayList<>();
    List<CompletionStage<List<JobRecord>>> claims = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      creates.add(
          harness()
              .createLater(
                  StoreHarness.job(
                      "j" + i,
                      spec().setType("t" + random.nextInt(5)).setPriority(random.nextInt(101))),
                  List.of()));
      claims.add(harness().claimLater(anything(1 + random.nextInt(2))));
    }
    awaitAll(creates);
    for (int i = 0; i < 300; i++) {
      claims.add(harness().claimLater(anything(1 + random.nextInt(3))));
    }

    List<String> claimed =
        awaitAll(claims).stream().flatMap(Collection::stream).map(r -> r.getJob().getId()).toList();
    assertThat(claimed).hasSize(400).doesNotHaveDuplicates();
    assertThat(harness().claim(anything(10))).isEmpty();
    for (String id : claimed) {
      assertThat(harness().get(id).orElseThrow().getJob().getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_RUNNING);
    }
  }

  @Test
  default void claimsAreAnsweredInOrder() {
    Random random = new Random(8);
    for (int i = 0; i < 100; i++) {
      harness().create("j" + i, spec().setType("t" + i % 3).setPriority(10 * random.nextInt(5)));
    }

    List<JobRecord> claimed = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      claimed.addAll(harness().claim(anything(10)));
    }
    assertThat(claimed)
        .hasSize(100)
        .isSortedAccordingTo(
            (a, b) -> {
              int byPriority =
                  b.getJob().getSpec().getPriority() - a.getJob().getSpec().getPriority();
              return byPriority != 0 ? byPriority : number(a) - number(b);
            });
  }

  private static int number(JobRecord job) {
    return Integer.parseInt(job.getJob().getId().substring(1));
  }
}
