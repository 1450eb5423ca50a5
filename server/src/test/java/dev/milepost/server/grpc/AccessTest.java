package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which role may do what, tested through the API. */
class AccessTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void callsWithoutCredentialsAreRejected() {
    Failure failure = Failure.of(() -> ann.anonymous().create("a"));
    assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure.reason()).isEqualTo("UNAUTHENTICATED");
    assertThat(failure.message()).contains("x-milepost-user");
    assertThat(Failure.of(() -> ann.anonymous().claim()).code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(ann.anonymous().watch("any").awaitFailure().code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(Failure.of(() -> ann.as("a b").create("a")).code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(Failure.of(() -> ann.in("KING").create("a")).code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(Failure.of(() -> ann.in("").create("a")).code()).isEqualTo(Code.UNAUTHENTICATED);
  }

  /** Returns every call that reads one job. */
  private static List<BiFunction<TestClient, String, Message>> questions() {
    return List.of(
        (who, id) -> who.jobs().getJob(GetJobRequest.newBuilder().setJobId(id).build()),
        (who, id) ->
            who.jobs()
                .updateJob(
                    UpdateJobRequest.newBuilder()
                        .setJobId(id)
                        .setEtag("s1")
                        .setUpdateMask(
                            com.google.protobuf.FieldMask.newBuilder().addPaths("priority"))
                        .build()),
        (who, id) -> who.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(id).build()),
        (who, id) -> who.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(id).build()),
        (who, id) -> who.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build()),
        (who, id) -> who.jobs().waitJob(WaitJobRequest.newBuilder().setJobId(id).build()),
        (who, id) -> who.jobs().watchJob(WatchJobRequest.newBuilder().setJobId(id).build()).next(),
        (who, id) ->
            who.jobs()
                .watchJob(WatchJobRequest.newBuilder().setJobId(id).setAfterSequence(99).build())
                .next(),
        (who, id) -> who.jobs().listJournal(ListJournalRequest.newBuilder().setJobId(id).build()),
        (who, id) -> who.jobs().getProgress(GetProgressRequest.newBuilder().setJobId(id).build()),
        (who, id) -> who.jobs().getOutcome(GetOutcomeRequest.newBuilder().setJobId(id).build()),
        (who, id) -> who.jobs().listItems(ListItemsRequest.newBuilder().setJobId(id).build()),
        (who, id) -> new HeldJob(who, id, "token").heartbeat(),
        (who, id) -> new HeldJob(who, id, "token").progress(1, 2),
        (who, id) -> new HeldJob(who, id, "token").complete(),
        (who, id) -> new HeldJob(who, id, "token").fail("X", true),
        (who, id) -> new HeldJob(who, id, "token").confirmCancel(),
        (who, id) -> new HeldJob(who, id, "token").release("x"));
  }

  @TestFactory
  Stream<DynamicTest> whatIsForeignLooksAsIfItWereNotThere() {
    TestClient foreignUser = ann.as("bob").in("USER");
    TestClient foreignTenant = ann.of("elsewhere").in("USER,WORKER,OPERATOR");
    return questions().stream()
        .flatMap(question -> Stream.of(same(question, foreignUser), same(question, foreignTenant)));
  }

  private DynamicTest same(BiFunction<TestClient, String, Message> question, TestClient stranger) {
    return DynamicTest.dynamicTest(
        "question",
        () -> {
          String id = "the-job";
          Failure absent = Failure.of(() -> question.apply(stranger, id));
          ann.jobs()
              .createJob(
                  CreateJobRequest.newBuilder()
                      .setJobId(id)
                      .setSpec(JobSpec.newBuilder().setType("a"))
                      .build());
          Failure foreign = Failure.of(() -> question.apply(stranger, id));
          assertThat(absent.code()).isEqualTo(Code.NOT_FOUND);
          assertThat(foreign.details().toByteString()).isEqualTo(absent.details().toByteString());
          ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
        });
  }

  @Test
  void listsAndCountsContainOnlyWhatTheCallerMaySee() {
    ann.create("a");
    TestClient bob = ann.as("bob");
    assertThat(bob.jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount()).isZero();
    assertThat(bob.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal()).isZero();
    for (JobFilter.Builder filter :
        List.of(
            JobFilter.newBuilder().setUserId("ann"),
            JobFilter.newBuilder().setTenantId("elsewhere"))) {
      assertThat(
              Failure.of(
                      () ->
                          bob.jobs()
                              .listJobs(ListJobsRequest.newBuilder().setFilter(filter).build()))
                  .code())
          .isEqualTo(Code.PERMISSION_DENIED);
      assertThat(
              Failure.of(
                      () ->
                          bob.jobs()
                              .countJobs(CountJobsRequest.newBuilder().setFilter(filter).build()))
                  .code())
          .isEqualTo(Code.PERMISSION_DENIED);
    }
    assertThat(
            bob.in("OPERATOR").jobs().listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount())
        .isEqualTo(1);
    assertThat(
            bob.of("elsewhere")
                .in("OPERATOR")
                .jobs()
                .listJobs(ListJobsRequest.getDefaultInstance())
                .getJobsCount())
        .isZero();
    assertThat(
            bob.of("elsewhere")
                .in("ADMIN")
                .jobs()
                .listJobs(ListJobsRequest.getDefaultInstance())
                .getJobsCount())
        .isEqualTo(1);
  }

  @Test
  void theWorkerRoleAllowsClaimsAndReportsButNoReads() {
    ann.create("a");
    TestClient worker = ann.as("w").in("WORKER");
    assertThat(Failure.of(() -> worker.create("a")).code()).isEqualTo(Code.PERMISSION_DENIED);
    HeldJob work = worker.claim();
    work.progress(1, 2);
    assertThat(Failure.of(() -> worker.get(work.jobId())).code()).isEqualTo(Code.PERMISSION_DENIED);
    Failure stale = Failure.of(() -> work.withToken("other").heartbeat());
    assertThat(stale.code()).isEqualTo(Code.ABORTED);
    work.complete();
  }

  @Test
  void theUserRoleAllowsReportsOnOwnStartedJobsButNoClaims() {
    TestClient user = ann.in("USER");
    Failure failure = Failure.of(() -> user.worker().claimJobs(TestClient.claimRequest().build()));
    assertThat(failure.code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(failure.message()).contains("WORKER");
    HeldJob work = user.start("a");
    assertThat(work.report(Report.newBuilder().setReportSeq(1)).getCommittedSeq()).isEqualTo(1);
    work.complete();
  }

  @Test
  void workersClaimOnlyJobsOfTheirTenant() {
    ann.create("a");
    assertThat(ann.of("elsewhere").claim(10)).isEmpty();
    Failure failure =
        Failure.of(
            () ->
                ann.worker().claimJobs(TestClient.claimRequest().setTenantId("elsewhere").build()));
    assertThat(failure.code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(
            ann.of("elsewhere")
                .in("ADMIN")
                .worker()
                .claimJobs(TestClient.claimRequest().setTenantId("default").build())
                .getJobsCount())
        .isEqualTo(1);
  }
}
