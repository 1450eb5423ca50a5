package dev.milepost.server.app;

import static dev.milepost.server.app.UseCases.ANN;
import static dev.milepost.server.app.UseCases.BOB;
import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import com.google.rpc.ErrorInfo;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.Selection;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.StartJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests which creates a quota refuses, and what each refusal advises its reader to do. */
class JobQuotaTest {
  private static final Caller OPERATOR = new Caller("acme", "olga", Set.of(Role.OPERATOR));
  private static final String ADMINISTRATOR =
      " The administrator of this server can raise the limit.";

  private final List<String> refused = new ArrayList<>();
  private UseCases app = new UseCases();

  @AfterEach
  void close() {
    app.close();
  }

  private void limit(QuotaLimits quotas) {
    app.close();
    app =
        new UseCases(
            quotas,
            new ServiceObserver() {
              @Override
              public void claimed(int jobs) {}

              @Override
              public void acknowledged(long nanos) {}

              @Override
              public void refused(String limit) {
                refused.add(limit);
              }

              @Override
              public void slowed(String limit) {}
            });
  }

  private static CreateJobRequest.Builder request() {
    return CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType("sync"));
  }

  private String create(Caller caller) {
    return await(app.creation.create(caller, request().build())).getJob().getId();
  }

  private void finish(String jobId) {
    await(app.access.change(OPERATOR, jobId, new JobCommand.Cancel("olga", "", null)));
  }

  private LimitException refusal(Caller caller) {
    return refusal(caller, request());
  }

  private LimitException refusal(Caller caller, CreateJobRequest.Builder request) {
    return refusal(() -> await(app.creation.create(caller, request.build())));
  }

  private static LimitException refusal(Runnable call) {
    return catchThrowableOfType(LimitException.class, call::run);
  }

  private static String subject(LimitException refusal) {
    try {
      return refusal.status().getDetails(0).unpack(ErrorInfo.class).getMetadataOrThrow("subject");
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFullUserWithFinishedJobsIsToldToDeleteThem() {
    limit(new QuotaLimits(0, 2, 0, 0));
    finish(create(ANN));
    create(ANN);

    LimitException refusal = refusal(ANN);

    assertThat(refusal)
        .hasMessage(
            "User ann has reached its limit of 2 jobs (milepost.limits.user-jobs). There is 1"
                + " finished job of yours, which you can delete (DeleteJob, CleanupJobs); jobs of a"
                + " batch or task are deleted with it."
                + ADMINISTRATOR);
    assertThat(refusal.setting()).isEqualTo("user-jobs");
    assertThat(subject(refusal)).isEqualTo("user:ann");
    assertThat(refused).containsExactly("user-jobs");
  }

  @Test
  void aFullUserWhoseJobsRunIsToldHowTheyEnd() {
    limit(new QuotaLimits(0, 1, 0, 0));
    create(ANN);

    assertThat(refusal(ANN))
        .hasMessage(
            "User ann has reached its limit of 1 job (milepost.limits.user-jobs). No job of yours"
                + " has finished. Cancel jobs that are no longer needed (CancelJobs), and delete"
                + " them when they have ended."
                + ADMINISTRATOR);
  }

  @Test
  void anOperatorWhoCreatesForAFullUserIsToldWhatItCanDelete() {
    limit(new QuotaLimits(0, 2, 0, 0));
    finish(create(ANN));
    finish(create(ANN));

    LimitException refusal = refusal(OPERATOR, request().setUserId("ann"));

    assertThat(refusal)
        .hasMessage(
            "User ann has reached its limit of 2 jobs (milepost.limits.user-jobs). There are 2"
                + " finished jobs of the user, which you can delete (DeleteJob, CleanupJobs); jobs"
                + " of a batch or task are deleted with it."
                + ADMINISTRATOR);
    assertThat(subject(refusal)).isEqualTo("user:ann");
  }

  @Test
  void aFullUserAffectsNoOtherUser() {
    limit(new QuotaLimits(0, 1, 0, 0));
    create(ANN);
    assertThat(refusal(ANN)).isNotNull();

    create(BOB);
    create(new Caller("elsewhere", "ann", Set.of(Role.USER)));
  }

  @Test
  void aUserWithRoomIsAdmittedAtOnce() {
    limit(new QuotaLimits(0, 1, 0, 0));
    for (int i = 0; i < 3; i++) {
      String id = create(ANN);
      assertThat(refusal(ANN)).isNotNull();
      await(app.access.change(ANN, id, new JobCommand.Delete("")));
    }
    assertThat(refused).hasSize(3);
  }

  @Test
  void whatAUserCreatesCountsWhileItsTenantHasLittle() {
    limit(new QuotaLimits(0, 3, 0, 0));
    List<String> others = List.of(create(BOB), create(BOB));
    create(ANN);
    app.clock.advance(QuotaAccounts.COUNT_TTL.minusSeconds(1));
    // The tenant has more than a user may have: the user is counted.
    create(ANN);
    others.forEach(id -> await(app.access.change(BOB, id, new JobCommand.Delete(""))));
    app.clock.advance(Duration.ofSeconds(1));
    // The tenant is counted, and has no more than a user may have.
    create(ANN);

    assertThat(refusal(ANN)).isNotNull();
  }

  @Test
  void aRefusedUserTakesNoRoomOfItsTenant() {
    limit(new QuotaLimits(2, 1, 0, 0));
    create(ANN);
    for (int i = 0; i < 3; i++) {
      assertThat(refusal(ANN).setting()).isEqualTo("user-jobs");
    }

    create(BOB);
  }

  @Test
  void aUserWithoutJobsInAFullTenantIsReferredToAnOperator() {
    limit(new QuotaLimits(1, 0, 0, 0));
    String only = create(ANN);

    LimitException refusal = refusal(BOB);

    assertThat(refusal)
        .hasMessage(
            "Tenant acme has reached its limit of 1 job (milepost.limits.tenant-jobs). You have no"
                + " jobs to delete. None of the tenant's jobs has finished: an OPERATOR of the"
                + " tenant can cancel jobs, and delete them when they have ended."
                + ADMINISTRATOR);
    assertThat(subject(refusal)).isEqualTo("tenant:acme");

    finish(only);

    assertThat(refusal(BOB))
        .hasMessageContaining(
            " You have no jobs to delete. An OPERATOR of the tenant can delete finished jobs.");
  }

  @Test
  void aUserWithJobsInAFullTenantIsToldOfTheseAndOfTheOperator() {
    limit(new QuotaLimits(2, 0, 0, 0));
    String own = create(ANN);
    create(BOB);

    assertThat(refusal(ANN))
        .hasMessageContaining(" No job of yours has finished. Cancel jobs")
        .hasMessageContaining(" An OPERATOR of the tenant can do so for all of its jobs.");

    finish(own);

    assertThat(refusal(ANN))
        .hasMessageContaining(" There is 1 finished job of yours, which you can delete")
        .hasMessageContaining(" An OPERATOR of the tenant can do so for all of its jobs.");
  }

  @Test
  void anOperatorOfAFullTenantIsToldWhatItCanDelete() {
    limit(new QuotaLimits(1, 0, 0, 0));
    String only = create(ANN);

    assertThat(refusal(OPERATOR))
        .hasMessageContaining(" No job of the tenant has finished. Cancel jobs")
        .hasMessageEndingWith("when they have ended." + ADMINISTRATOR);

    finish(only);

    assertThat(refusal(OPERATOR))
        .hasMessageContaining(" There is 1 finished job of the tenant, which you can delete");
  }

  private BatchCreation.Batch batch(Caller caller) {
    return await(app.batches.begin(caller, request().build()));
  }

  /** Adds items, each of which is a child: a child is created when the next item arrives. */
  private static void add(BatchCreation.Batch batch, int items) {
    List<Item> added = new ArrayList<>();
    for (int i = 0; i < items; i++) {
      added.add(Item.newBuilder().setId("i" + i).build());
    }
    await(batch.add("items", added));
  }

  @Test
  void everyJobOfABatchCounts() {
    limit(new QuotaLimits(0, 4, 0, 0));
    create(ANN);
    BatchCreation.Batch batch = batch(ANN);
    add(batch, 3);

    LimitException refusal = refusal(() -> await(batch.finish()));

    assertThat(refusal)
        .hasMessage(
            "User ann has 1 job, and this call needs at least 4 jobs, which exceeds the limit of"
                + " 4 jobs (milepost.limits.user-jobs). No job of yours has finished. Cancel jobs"
                + " that are no longer needed (CancelJobs), and delete them when they have ended."
                + ADMINISTRATOR);
  }

  @Test
  void aBatchThatExceedsTheLimitByItselfIsToldSo() {
    limit(new QuotaLimits(0, 3, 0, 0));
    BatchCreation.Batch batch = batch(ANN);
    add(batch, 3);

    LimitException refusal = refusal(() -> await(batch.finish()));

    assertThat(refusal)
        .hasMessage(
            "User ann has 0 jobs, and this call needs at least 4 jobs, which exceeds the limit of"
                + " 3 jobs (milepost.limits.user-jobs). The call exceeds the limit by itself, so"
                + " that deleting jobs does not help."
                + ADMINISTRATOR);
  }

  private static CreateJobRequest.Builder large(int bytes) {
    CreateJobRequest.Builder request = request();
    request
        .getSpecBuilder()
        .getParamsBuilder()
        .putFields("x", Value.newBuilder().setStringValue("x".repeat(bytes)).build());
    return request;
  }

  @Test
  void aUserThatStoresTooMuchIsTold() {
    limit(new QuotaLimits(0, 0, 0, 100 * 1024));
    finish(await(app.creation.create(ANN, large(60_000).build())).getJob().getId());

    LimitException refusal = refusal(ANN, large(60_000));

    assertThat(refusal.setting()).isEqualTo("user-stored-bytes");
    assertThat(refusal.getMessage())
        .matches(
            "User ann has [0-9.]+ KiB stored, and this call needs [0-9.]+ KiB, which exceeds the"
                + " limit of 100 KiB \\(milepost\\.limits\\.user-stored-bytes\\)\\. There is 1"
                + " finished job of yours, which you can delete.*");
    create(ANN);
    create(BOB);
  }

  @Test
  void aCallThatIsTooLargeForItsTenantIsTold() {
    limit(new QuotaLimits(0, 0, 10 * 1024, 0));

    LimitException refusal = refusal(ANN, large(20_000));

    assertThat(refusal)
        .hasMessageStartingWith("Tenant acme has 0 bytes stored, and this call needs 19.")
        .hasMessageContaining(
            " The call exceeds the limit by itself, so that deleting jobs does not help.");
    assertThat(subject(refusal)).isEqualTo("tenant:acme");
  }

  @Test
  void aJobThatHasGrownCounts() {
    limit(new QuotaLimits(0, 0, 0, 50 * 1024));
    String id =
        await(
                app.creation.create(
                    ANN, request().setStart(StartJob.newBuilder().setWorkerId("w")).build()))
            .getJob()
            .getId();
    await(
        app.store.update(
            Selection.of(new JobKey("acme", id)),
            found -> {
              JobRecord job = found.jobs().get(0);
              Report report =
                  Report.newBuilder()
                      .addLogs(
                          LogEntry.newBuilder()
                              .setLevel(LogLevel.LOG_LEVEL_INFO)
                              .setMessage("x".repeat(60_000)))
                      .build();
              return Decision.of(
                  app.rules
                      .decide(
                          job,
                          new JobCommand.ReportProgress(job.getAttemptToken(), report, Map.of()),
                          found)
                      .all(),
                  true);
            }));
    app.clock.advance(QuotaAccounts.COUNT_TTL);

    assertThat(refusal(ANN))
        .hasMessageStartingWith(
            "User ann has reached its limit of 50 KiB (milepost.limits.user-stored-bytes). No job"
                + " of yours has finished.");
  }

  @Test
  void sizesAreReadable() {
    assertThat(Quota.Unit.BYTES.text(0)).isEqualTo("0 bytes");
    assertThat(Quota.Unit.BYTES.text(1_023)).isEqualTo("1023 bytes");
    assertThat(Quota.Unit.BYTES.text(1_025)).isEqualTo("1.1 KiB");
    assertThat(Quota.Unit.BYTES.text(10L << 30)).isEqualTo("10 GiB");
    assertThat(Quota.Unit.BYTES.text(5L << 50)).isEqualTo("5120 TiB");
  }

  @Test
  void aRetryOfItemsCountsForTheOwnerOfTheJob() {
    limit(new QuotaLimits(0, 1, 0, 0));
    CreateJobRequest withItem =
        request()
            .addItems(Item.newBuilder().setId("i").setState(ItemState.ITEM_STATE_FAILED))
            .build();
    String id = await(app.creation.create(ANN, withItem)).getJob().getId();
    finish(id);
    RetryFailedItemsRequest retry = RetryFailedItemsRequest.newBuilder().setJobId(id).build();

    LimitException refusal =
        refusal(() -> await(app.retries.retry(OPERATOR, retry, SlicedChangeTest.NO_CALL)));

    assertThat(subject(refusal)).isEqualTo("user:ann");
    assertThat(refused).containsExactly("user-jobs");
  }
}
