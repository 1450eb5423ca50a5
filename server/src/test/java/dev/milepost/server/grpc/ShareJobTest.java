package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.milepost.server.access.AccessPolicy;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.JobShare;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListSharesRequest;
import dev.milepost.v1.Progress;
import dev.milepost.v1.Report;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.ShareJobResponse;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchProgressResponse;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What the bearer of a share token may see, for how long, and what it may not learn. */
class ShareJobTest {
  private static final String INVALID = "This share token is not valid";

  private final TestServer server = TestServer.start(Map.of("milepost.auth.recheck", "5ms"));
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static ShareJobResponse share(TestClient who, String id) {
    return who.jobs().shareJob(ShareJobRequest.newBuilder().setJobId(id).build());
  }

  private static int unshare(TestClient who, UnshareJobRequest.Builder which) {
    return who.jobs().unshareJob(which.build()).getCount();
  }

  private static List<JobShare> shares(TestClient who, String id) {
    return who.jobs()
        .listShares(ListSharesRequest.newBuilder().setJobId(id).build())
        .getSharesList();
  }

  private TestClient bearer(String token) {
    return server.client().anonymous().with("authorization", "Bearer " + token);
  }

  private static GetProgressResponse progress(TestClient who, String id) {
    return who.jobs().getProgress(GetProgressRequest.newBuilder().setJobId(id).build());
  }

  private static ResponseRecorder<WatchProgressResponse> watch(TestClient who, String id) {
    ResponseRecorder<WatchProgressResponse> watch = new ResponseRecorder<>();
    who.jobsAsync().watchProgress(WatchProgressRequest.newBuilder().setJobId(id).build(), watch);
    return watch;
  }

  /** Waits until a watch has received its first message. */
  private static ResponseRecorder<WatchProgressResponse> begun(TestClient who, String id) {
    ResponseRecorder<WatchProgressResponse> watch = watch(who, id);
    await().until(() -> !watch.responses().isEmpty());
    return watch;
  }

  private static RawCall.Answer raw(TestClient who, String method, Message request)
      throws Exception {
    return new RawCall("milepost.v1.JobService/" + method, method.startsWith("Watch"))
        .send(who.channel(), request);
  }

  @Test
  void aBearerSeesTheProgressOfTheJob() {
    HeldJob work = ann.start("a");
    ShareJobResponse shared = share(ann, work.jobId());
    assertThat(shared.getToken()).startsWith("mls_");
    assertThat(shared.getShare().getCreatedBy()).isEqualTo("ann");
    TestClient bearer = bearer(shared.getToken());
    assertThat(progress(bearer, work.jobId())).isEqualTo(progress(ann, work.jobId()));
    work.complete();
    assertThat(progress(bearer, work.jobId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aWatchSendsEachChangeOnceAndEndsWithTheJob() throws Exception {
    HeldJob work = ann.start("a");
    TestClient bearer = bearer(share(ann, work.jobId()).getToken());
    List<ResponseRecorder<WatchProgressResponse>> watches =
        List.of(begun(ann, work.jobId()), begun(bearer, work.jobId()));
    // What nobody sees in a progress display changes nothing.
    work.heartbeat();
    share(ann, work.jobId());
    work.report(Report.newBuilder().setProgress(Progress.newBuilder().setCurrent(5).setTotal(10)));
    work.complete();
    for (ResponseRecorder<WatchProgressResponse> watch : watches) {
      watch.awaitEnd();
      List<GetProgressResponse> seen =
          watch.responses().stream().map(WatchProgressResponse::getProgress).toList();
      assertThat(seen).doesNotHaveDuplicates();
      assertThat(seen)
          .extracting(GetProgressResponse::getState)
          .startsWith(JobState.JOB_STATE_RUNNING)
          .endsWith(JobState.JOB_STATE_SUCCEEDED);
      // The report and the end may arrive as one.
      assertThat(seen).hasSizeBetween(2, 3);
      assertThat(seen.get(seen.size() - 1)).isEqualTo(progress(ann, work.jobId()));
    }
    ResponseRecorder<WatchProgressResponse> late = watch(ann, work.jobId());
    late.awaitEnd();
    assertThat(late.responses()).hasSize(1);
  }

  @TestFactory
  Stream<DynamicTest> aBearerMayCallNothingElse() throws Exception {
    String id = ann.create("a").getId();
    TestClient bearer = bearer(share(ann, id).getToken());
    AccessPolicy policy = new AccessPolicy();
    List<DynamicTest> tests = new ArrayList<>();
    for (RawCall call : RawCall.all(ann.channel())) {
      if (policy.isPublic(call.method())) {
        continue;
      }
      boolean isProgress = call.method().endsWith("Progress");
      boolean isAllowed = isProgress || call.method().endsWith("/GetCaller");
      Message request =
          isProgress
              ? GetProgressRequest.newBuilder().setJobId(id).build()
              : Empty.getDefaultInstance();
      tests.add(
          DynamicTest.dynamicTest(
              call.method(),
              () ->
                  assertThat(call.send(bearer.channel(), request).code())
                      .isEqualTo(isAllowed ? Code.OK : Code.PERMISSION_DENIED)));
    }
    assertThat(tests).hasSizeGreaterThan(40);
    return tests.stream();
  }

  @Test
  void aBearerSeesNoOtherJob() throws Exception {
    String id = ann.create("a").getId();
    String other = ann.create("a").getId();
    TestClient bearer = bearer(share(ann, id).getToken());
    for (String method : List.of("GetProgress", "WatchProgress")) {
      RawCall.Answer answer =
          raw(bearer, method, GetProgressRequest.newBuilder().setJobId(other).build());
      assertThat(answer.code()).isEqualTo(Code.NOT_FOUND);
      assertThat(answer.message()).isEqualTo("There is no job " + other + ".");
    }
    // Not even by naming a tenant.
    assertThat(Failure.of(() -> progress(bearer.of("elsewhere"), id)).code())
        .isEqualTo(Code.PERMISSION_DENIED);
  }

  @Test
  void revokedForgedAndExpiredTokensAndThoseOfDeletedJobsAreRefusedAlike() throws Exception {
    HeldJob done = ann.start("a");
    done.complete();
    String id = done.jobId();
    String revoked = share(ann, id).getToken();
    unshare(ann, UnshareJobRequest.newBuilder().setJobId(id).setAll(true));
    String expired =
        ann.jobs()
            .shareJob(
                ShareJobRequest.newBuilder()
                    .setJobId(id)
                    .setLifetime(TestClient.seconds(60))
                    .build())
            .getToken();
    server.clock().advance(Duration.ofMinutes(1));
    String deleted = share(ann, id).getToken();
    assertThat(progress(bearer(deleted), id).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
    List<RawCall.Answer> answers = new ArrayList<>();
    for (String token : List.of(revoked, expired, deleted, "mls_" + "A".repeat(100))) {
      for (String method : List.of("GetProgress", "WatchProgress")) {
        answers.add(
            raw(bearer(token), method, GetProgressRequest.newBuilder().setJobId(id).build()));
      }
    }
    assertThat(answers).containsOnly(answers.get(0));
    assertThat(answers.get(0).code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(answers.get(0).message()).startsWith(INVALID);

    ann.jobs()
        .createJob(
            CreateJobRequest.newBuilder()
                .setJobId(id)
                .setSpec(JobSpec.newBuilder().setType("a"))
                .build());
    assertThat(
            raw(
                bearer(deleted),
                "GetProgress",
                GetProgressRequest.newBuilder().setJobId(id).build()))
        .as("a job created with the same id")
        .isEqualTo(answers.get(0));
  }

  @Test
  void aWatchEndsWhenItsShareIsRevokedAndOthersContinue() throws Exception {
    HeldJob work = ann.start("a");
    String id = work.jobId();
    ShareJobResponse first = share(ann, id);
    ShareJobResponse second = share(ann, id);
    ResponseRecorder<WatchProgressResponse> revoked = begun(bearer(first.getToken()), id);
    ResponseRecorder<WatchProgressResponse> other = begun(bearer(second.getToken()), id);
    UnshareJobRequest.Builder unshare =
        UnshareJobRequest.newBuilder().setJobId(id).setShareId(first.getShare().getShareId());
    assertThat(unshare(ann, unshare)).isEqualTo(1);
    assertThat(unshare(ann, unshare)).isZero();
    Failure failure = revoked.awaitFailure();
    assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure.message()).startsWith(INVALID);
    work.complete();
    other.awaitEnd();
  }

  @Test
  void aShareSurvivesARestart(@TempDir Path directory) {
    Path file = directory.resolve("jobs.db");
    String id;
    String token;
    try (TestServer first = TestServer.on(file, server.clock())) {
      id = first.client().create("a").getId();
      token = share(first.client(), id).getToken();
    }
    try (TestServer second = TestServer.on(file, server.clock())) {
      TestClient bearer = second.client().anonymous().with("authorization", "Bearer " + token);
      assertThat(progress(bearer, id).getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    }
  }

  @Test
  void aWatchEndsWhenItsShareExpires() throws Exception {
    String id = ann.create("a").getId();
    ResponseRecorder<WatchProgressResponse> watch = begun(bearer(share(ann, id).getToken()), id);
    server.clock().advance(Duration.ofDays(1));
    assertThat(watch.awaitFailure().code()).isEqualTo(Code.UNAUTHENTICATED);
  }

  @Test
  void aWatchDoesNotTellThatItsJobWasDeleted() throws Exception {
    String id = ann.create("a").getId();
    ResponseRecorder<WatchProgressResponse> shared = begun(bearer(share(ann, id).getToken()), id);
    ResponseRecorder<WatchProgressResponse> own = begun(ann, id);
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
    assertThat(own.awaitFailure().code()).isEqualTo(Code.NOT_FOUND);
    Failure failure = shared.awaitFailure();
    assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure.message()).startsWith(INVALID).doesNotContain(id);
  }

  @Test
  void sharesAreListedWithoutTheirTokens() {
    String id = ann.create("a").getId();
    JobShare one =
        ann.jobs()
            .shareJob(ShareJobRequest.newBuilder().setJobId(id).setLabel("the wall").build())
            .getShare();
    JobShare two = share(ann.as("olga").in("OPERATOR"), id).getShare();
    assertThat(one.getLabel()).isEqualTo("the wall");
    assertThat(one.getExpireTime().getSeconds() - one.getCreateTime().getSeconds())
        .isEqualTo(86_400);
    assertThat(two.getCreatedBy()).isEqualTo("olga");
    assertThat(shares(ann, id)).containsExactly(one, two);
    server.clock().advance(Duration.ofDays(1));
    assertThat(shares(ann, id)).isEmpty();
  }

  @Test
  void aRepeatedRequestReturnsTheSameToken() {
    String id = ann.create("a").getId();
    ShareJobRequest request =
        ShareJobRequest.newBuilder().setJobId(id).setRequestId("r1").setLabel("l").build();
    ShareJobResponse first = ann.jobs().shareJob(request);
    server.clock().advance(Duration.ofHours(1));
    assertThat(ann.jobs().shareJob(request)).isEqualTo(first);
    assertThat(shares(ann, id)).hasSize(1);
    assertThat(
            Failure.of(() -> ann.jobs().shareJob(request.toBuilder().setLabel("m").build()))
                .reason())
        .isEqualTo("REQUEST_ID_REUSED");
  }

  @Test
  void aJobHasALimitedNumberOfShares() {
    String id = ann.create("a").getId();
    for (int i = 0; i < 20; i++) {
      share(ann, id);
    }
    Failure failure = Failure.of(() -> share(ann, id));
    assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(failure.reason()).isEqualTo("TOO_MANY_SHARES");
    assertThat(failure.info().getMetadataMap()).containsEntry("max_shares", "20");
    assertThat(unshare(ann, UnshareJobRequest.newBuilder().setJobId(id).setAll(true)))
        .isEqualTo(20);
    share(ann, id);
  }

  @Test
  void requestsAreChecked() {
    String id = ann.create("a").getId();
    for (long seconds : List.of(0L, 59L, 30 * 86_400L + 1)) {
      assertThat(
              Failure.of(
                      () ->
                          ann.jobs()
                              .shareJob(
                                  ShareJobRequest.newBuilder()
                                      .setJobId(id)
                                      .setLifetime(TestClient.seconds(seconds))
                                      .setLabel("x".repeat(129))
                                      .build()))
                  .violations())
          .hasSize(2)
          .anyMatch(text -> text.startsWith("lifetime: "))
          .anyMatch(text -> text.startsWith("label: "));
    }
    for (UnshareJobRequest.Builder wrong :
        List.of(
            UnshareJobRequest.newBuilder(),
            UnshareJobRequest.newBuilder().setShareId("a").setAll(true))) {
      assertThat(Failure.of(() -> unshare(ann, wrong.setJobId(id))).violations())
          .containsExactly("share_id: must be set, or all, and not both");
    }
  }
}
