package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.access.ApiToken;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenFile;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.ReportStreamResponse;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WaitJobResponse;
import dev.milepost.v1.WatchJobRequest;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** API tokens at a running server: new calls, and calls in progress. */
class CredentialsTest {
  @TempDir Path directory;

  private Path path;
  private TokenFile file;
  private TestServer server;

  @BeforeEach
  void start() {
    path = directory.resolve("tokens.json");
    file = new TokenFile(path);
    server =
        TestServer.start(
            Map.of(
                "milepost.auth.tokens.file", path.toString(),
                "milepost.auth.reload", "5ms",
                "milepost.auth.recheck", "5ms"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ApiToken.Issued issue(Instant expireTime) throws Exception {
    return issue("acme", "ann", EnumSet.of(Role.USER, Role.WORKER), expireTime);
  }

  private ApiToken.Issued issue(String tenant, String user, EnumSet<Role> roles, Instant expireTime)
      throws Exception {
    ApiToken.Issued issued =
        ApiToken.issue(tenant, user, roles, server.clock().instant(), expireTime);
    file.update(
        all -> {
          all.put(issued.token().id(), issued.token());
          return all;
        });
    return issued;
  }

  /** Returns a client whose token the server has loaded. */
  private TestClient bearing(ApiToken.Issued issued) {
    TestClient client =
        server.client().anonymous().with("authorization", "Bearer " + issued.bearer());
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .ignoreExceptions()
        .until(() -> client.claim(1) != null);
    return client;
  }

  private TestClient ann() throws Exception {
    return bearing(issue(server.clock().instant().plus(Duration.ofHours(1))));
  }

  private void revokeAll() throws Exception {
    file.update(
        all -> {
          all.replaceAll((id, token) -> token.revoke());
          return all;
        });
  }

  @Test
  void aTokenCreatedWhileTheServerRunsIsAcceptedAndHeadersAreNot() throws Exception {
    TestClient ann = ann();
    assertThat(ann.create("a").getUserId()).isEqualTo("ann");
    assertThat(ann.create("a").getTenantId()).isEqualTo("acme");
    assertThat(ann.as("eve").in("ADMIN").create("a").getUserId()).isEqualTo("ann");
    assertThat(Failure.of(() -> ann.of("other").create("a")).code())
        .isEqualTo(Code.PERMISSION_DENIED);
    Failure headersAlone = Failure.of(() -> server.client().create("a"));
    assertThat(headersAlone.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(headersAlone.message()).contains("API token").doesNotContain("x-milepost-user");
  }

  @Test
  void aWatchOfARevokedTokenEndsWithAResumePosition() throws Exception {
    TestClient ann = ann();
    HeldJob work = ann.start("a");
    work.log(LogLevel.LOG_LEVEL_INFO, "one");
    work.log(LogLevel.LOG_LEVEL_INFO, "two");
    JobWatchRecorder watch = ann.watch(work.jobId()).awaitPosition(3);
    revokeAll();
    Failure failure = watch.awaitFailure();
    assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure.message()).contains("revoked");
    assertThat(failure.info().getMetadataMap())
        .containsEntry("sequence", Long.toString(watch.position()));

    TestClient again = ann();
    JobWatchRecorder resumed =
        again.watch(
            WatchJobRequest.newBuilder()
                .setJobId(work.jobId())
                .setAfterSequence(Long.parseLong(failure.info().getMetadataMap().get("sequence"))));
    new HeldJob(again, work.jobId(), work.token()).log(LogLevel.LOG_LEVEL_INFO, "three");
    resumed.awaitPosition(watch.position() + 1);
    assertThat(resumed.sequences()).containsExactly(watch.position() + 1);
  }

  @Test
  void aWatchOfAnAdminInAnotherTenantEndsWithItsToken() throws Exception {
    Instant late = server.clock().instant().plus(Duration.ofHours(2));
    HeldJob work = ann().start("a");
    TestClient root = bearing(issue("ops", "root", EnumSet.of(Role.ADMIN), late)).of("acme");
    JobWatchRecorder watch = root.watch(work.jobId()).awaitPosition(2);
    // The end of one watch shows that all credentials have been checked again.
    JobWatchRecorder shortLived =
        bearing(issue(server.clock().instant().plus(Duration.ofHours(1)))).watch(work.jobId());
    shortLived.awaitMessages(1);
    server.clock().advance(Duration.ofHours(1));
    assertThat(shortLived.awaitFailure().code()).isEqualTo(Code.UNAUTHENTICATED);
    // The lease has expired in between: the watch reports that and continues.
    watch.awaitPosition(3);
    revokeAll();
    assertThat(watch.awaitFailure().code()).isEqualTo(Code.UNAUTHENTICATED);
  }

  @Test
  void aWatchEndsWhenItsTokenExpires() throws Exception {
    TestClient ann = ann();
    JobWatchRecorder watch = ann.watch(ann.create("a").getId()).awaitMessages(1);
    server.clock().advance(Duration.ofHours(1));
    Failure failure = watch.awaitFailure();
    assertThat(failure.code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure.message()).contains("expired");
  }

  @Test
  void aReportStreamEndsAfterAcknowledgingTheReportsReceived() throws Exception {
    TestClient ann = ann();
    HeldJob work = ann.start("a");
    ResponseRecorder<ReportStreamResponse> answers = new ResponseRecorder<>();
    StreamObserver<ReportStreamRequest> reports = ann.workerAsync().reportStream(answers);
    reports.onNext(
        ReportStreamRequest.newBuilder()
            .setJobId(work.jobId())
            .setAttemptToken(work.token())
            .build());
    await().pollInterval(Duration.ofMillis(5)).until(() -> !answers.responses().isEmpty());
    revokeAll();
    assertThat(answers.awaitFailure().code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(answers.responses()).hasSize(1);
  }

  @Test
  void waitingClaimsAndWaitJobCallsEndToo() throws Exception {
    TestClient ann = ann();
    String waiting = ann.start("a").jobId();
    PendingCall<ClaimJobsRequest, ClaimJobsResponse> claim =
        PendingCall.call(
            ann.workerAsync()::claimJobs,
            TestClient.claimRequest().setWait(TestClient.seconds(60)).build());
    PendingCall<WaitJobRequest, WaitJobResponse> wait =
        PendingCall.call(
            ann.jobsAsync()::waitJob,
            WaitJobRequest.newBuilder().setJobId(waiting).setWait(TestClient.seconds(60)).build());
    revokeAll();
    assertThat(failureOf(claim).code()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failureOf(wait).code()).isEqualTo(Code.UNAUTHENTICATED);
    // No claim waits any longer: a new job goes to a caller that may have it.
    TestClient again = ann();
    again.create("b");
    assertThat(again.claim(1)).hasSize(1);
  }

  private static Failure failureOf(CompletableFuture<?> call) throws Exception {
    try {
      throw new AssertionError("no failure, but " + call.get(20, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return Failure.of(e);
    }
  }
}
