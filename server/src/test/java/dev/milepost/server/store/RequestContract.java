package dev.milepost.server.store;

import static dev.milepost.server.store.StoreHarness.TENANT;
import static dev.milepost.server.store.StoreHarness.anything;
import static dev.milepost.server.store.StoreHarness.await;
import static dev.milepost.server.store.StoreHarness.awaitAll;
import static dev.milepost.server.store.StoreHarness.ids;
import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.Times;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.storage.v1.RequestRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every store does with idempotent requests. */
interface RequestContract {
  RequestKey REQUEST = new RequestKey(TENANT, "ann", "CreateJob", "r1");
  Duration DAY = Duration.ofHours(24);

  StoreHarness harness();

  @Test
  default void repeatedRequestFindsItsJob() {
    JobRecord first = await(harness().createOnce(job("a", spec()), REQUEST, DAY));

    JobRecord again = await(harness().createOnce(job("b", spec()), REQUEST, DAY));

    assertThat(again).isEqualTo(first);
    assertThat(harness().get("b")).isEmpty();
  }

  @Test
  default void concurrentRepetitionsHaveOneEffect() {
    List<CompletionStage<JobRecord>> creates = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      creates.add(harness().createOnce(job("j" + i, spec()), REQUEST, DAY));
    }

    assertThat(ids(awaitAll(creates))).containsOnly("j0");
    assertThat(harness().claim(anything(100))).hasSize(1);
  }

  @Test
  default void everyPartOfTheKeyDistinguishesRequests() {
    List<RequestKey> others =
        List.of(
            new RequestKey("other", "ann", "CreateJob", "r1"),
            new RequestKey(TENANT, "bob", "CreateJob", "r1"),
            new RequestKey(TENANT, "ann", "ClaimJobs", "r1"),
            new RequestKey(TENANT, "ann", "CreateJob", "r2"),
            new RequestKey(TENANT + "ann", "", "CreateJob", "r1"));
    await(harness().createOnce(job("a", spec()), REQUEST, DAY));

    for (int i = 0; i < others.size(); i++) {
      JobRecord created = await(harness().createOnce(job("j" + i, spec()), others.get(i), DAY));
      assertThat(created.getJob().getId()).isEqualTo("j" + i);
    }
  }

  @Test
  default void anErasedUsersRequestsAreForgotten() {
    RequestKey bobs = new RequestKey(TENANT, "bob", "CreateJob", "r1");
    RequestKey elsewhere = new RequestKey("other", "ann", "CreateJob", "r1");
    await(harness().createOnce(job("a", spec()), REQUEST, DAY));
    await(harness().createOnce(job("b", spec()), bobs, DAY));
    await(harness().createOnce(job("c", spec()), elsewhere, DAY));
    harness().apply("a", new JobCommand.Delete(""));

    assertThat(await(harness().store().eraseUser(TENANT, "ann")).requests()).isEqualTo(1);

    assertThat(ids(List.of(await(harness().createOnce(job("d", spec()), REQUEST, DAY)))))
        .containsExactly("d");
    assertThat(ids(List.of(await(harness().createOnce(job("e", spec()), bobs, DAY)))))
        .containsExactly("b");
    assertThat(ids(List.of(await(harness().createOnce(job("f", spec()), elsewhere, DAY)))))
        .containsExactly("c");
    assertThat(await(harness().store().eraseUser(TENANT, "nobody")).requests()).isZero();
  }

  @Test
  default void expiredRequestIsForgotten() {
    await(harness().createOnce(job("a", spec()), REQUEST, DAY));
    harness().clock().advance(DAY.minusNanos(1_000));
    assertThat(ids(List.of(await(harness().createOnce(job("b", spec()), REQUEST, DAY)))))
        .containsExactly("a");

    harness().clock().advance(Duration.ofNanos(1_000));

    assertThat(ids(List.of(await(harness().createOnce(job("b", spec()), REQUEST, DAY)))))
        .containsExactly("b");
    assertThat(ids(List.of(await(harness().createOnce(job("c", spec()), REQUEST, DAY)))))
        .containsExactly("b");
  }

  @Test
  default void refusedRequestIsNotRemembered() {
    harness().create("a");
    RequestKey claim = new RequestKey(TENANT, "worker", "ClaimJobs", "r1");
    CompletionStage<Object> refused =
        harness()
            .store()
            .update(
                new Selection.Claimable(anything(1), Optional.of(claim)),
                found -> {
                  throw new ArithmeticException("on purpose");
                });
    assertThat(refused.handle((result, failure) -> failure != null))
        .succeedsWithin(Duration.ofSeconds(60))
        .isEqualTo(true);

    assertThat(ids(await(claimOnce(claim)))).containsExactly("a");
  }

  @Test
  default void repeatedClaimFindsTheSameJobs() {
    harness().create("a");
    harness().create("b");
    harness().create("c");
    RequestKey claim = new RequestKey(TENANT, "worker", "ClaimJobs", "r1");

    List<CompletionStage<List<JobRecord>>> claims =
        List.of(claimOnce(claim), claimOnce(claim), claimOnce(claim));

    assertThat(awaitAll(claims)).extracting(StoreHarness::ids).containsOnly(List.of("a", "b"));
    assertThat(ids(harness().claim(anything(10)))).containsExactly("c");
  }

  private CompletionStage<List<JobRecord>> claimOnce(RequestKey request) {
    return harness()
        .store()
        .update(
            new Selection.Claimable(anything(2), Optional.of(request)),
            found -> {
              if (found.request().isPresent()) {
                return Decision.nothing(found.jobs());
              }
              List<JobDecision> claims = new ArrayList<>();
              RequestRecord.Builder record =
                  RequestRecord.newBuilder().setExpireTime(Times.timestamp(found.now().plus(DAY)));
              for (JobRecord job : found.jobs()) {
                claims.add(
                    harness().rules().decide(job, new JobCommand.Claim("w", "t"), found).first());
                record.addJobIds(job.getJob().getId());
              }
              return new Decision<>(claims, Optional.of(record.build()), found.jobs());
            });
  }
}
