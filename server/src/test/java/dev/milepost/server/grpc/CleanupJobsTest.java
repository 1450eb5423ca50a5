package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CleanupJobsResponse;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deletes finished jobs by their age. */
class CleanupJobsTest {
  /** Retention without a limit, so that only the cleanup deletes jobs. */
  private final TestServer server =
      TestServer.start(
          Map.of(
              "milepost.jobs.retention.succeeded", "0",
              "milepost.jobs.retention.failed", "0",
              "milepost.jobs.retention.cancelled", "0"));

  private final TestClient ann = server.client();
  private final TestClient root = ann.as("root").in("ADMIN");

  @AfterEach
  void stop() {
    server.close();
  }

  private void pass(Duration time) {
    server.clock().advance(time);
  }

  private static CleanupJobsRequest.Builder olderThan(long days) {
    return CleanupJobsRequest.newBuilder()
        .setOlderThan(TestClient.seconds(Duration.ofDays(days).toSeconds()));
  }

  private static JobFilter.Builder owner(String userId) {
    return JobFilter.newBuilder().setUserId(userId);
  }

  private static long cleanup(TestClient client, CleanupJobsRequest.Builder request) {
    long count = 0;
    do {
      CleanupJobsResponse part = client.jobs().cleanupJobs(request.build());
      count += part.getCount();
      request.setPageToken(part.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return count;
  }

  private static boolean isThere(TestClient client, String id) {
    try {
      return !client.get(id).getId().isEmpty();
    } catch (io.grpc.StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
      return false;
    }
  }

  @Test
  void theAgeIsMeasuredExactlyFromTheEndOfAJob() {
    HeldJob longAgo = ann.start("a");
    HeldJob slow = ann.start("a");
    longAgo.complete();
    pass(Duration.ofSeconds(20));
    slow.fail("X", false);
    pass(Duration.ofDays(7).minusSeconds(20));

    assertThat(cleanup(ann, olderThan(7).setFilter(owner("ann")))).isEqualTo(1);
    assertThat(isThere(ann, longAgo.jobId())).isFalse();
    assertThat(isThere(ann, slow.jobId())).isTrue();
    assertThat(cleanup(ann, olderThan(7).setFilter(owner("ann")))).as("again").isZero();
    pass(Duration.ofSeconds(20));
    assertThat(cleanup(ann, olderThan(7).setFilter(owner("ann")))).isEqualTo(1);
  }

  @Test
  void onlyFinishedJobsAreDeleted() {
    String waits = ann.create("a").getId();
    HeldJob runs = ann.start("a");
    HeldJob retries = ann.start("a");
    retries.fail("FLAKY", true);
    ann.start("a").complete();
    assertThat(cleanup(ann, olderThan(0).setFilter(owner("ann")))).isEqualTo(1);
    assertThat(isThere(ann, waits)).isTrue();
    assertThat(isThere(ann, runs.jobId())).isTrue();
    assertThat(isThere(ann, retries.jobId())).isTrue();
  }

  @Test
  void thousandsOfJobsAreDeletedWithTheirJournalsAndItems() {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType("a"));
    for (int i = 0; i < 500; i++) {
      request.addItems(Item.newBuilder().setId("item-" + i));
    }
    for (int i = 0; i < 1_200; i++) {
      if (i % 40 == 0) {
        ann.jobs().createJob(request.build());
      } else {
        ann.create("a");
      }
    }
    ann.jobs().cancelJobs(dev.milepost.v1.CancelJobsRequest.getDefaultInstance());
    assertThat(cleanup(ann, olderThan(0).setFilter(owner("ann")))).isEqualTo(1_200);
    assertThat(ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal()).isZero();
  }

  @Test
  void onlyAnAdminMayCleanUpAllOwnersJobs() {
    TestClient far = ann.as("bob").of("far");
    HeldJob anns = ann.start("a");
    HeldJob fars = far.start("a");
    anns.complete();
    fars.complete();
    for (String roles : new String[] {"USER", "OPERATOR", "USER,OPERATOR,WORKER"}) {
      assertThat(Failure.of(() -> cleanup(ann.in(roles), olderThan(0))).code())
          .isEqualTo(Code.PERMISSION_DENIED);
    }
    assertThat(cleanup(root, olderThan(0))).isEqualTo(2);
  }

  @Test
  void anAdminMayCleanUpOneTenant() {
    HeldJob here = ann.start("a");
    HeldJob far = ann.as("bob").of("far").start("a");
    here.complete();
    far.complete();
    assertThat(cleanup(root, olderThan(0).setFilter(owner("").setTenantId("far")))).isEqualTo(1);
    assertThat(isThere(ann, here.jobId())).isTrue();
    assertThat(cleanup(root, olderThan(0).setFilter(owner("").setTenantId("none")))).isZero();
  }

  @Test
  void aUserNameRefersToTheCallersTenant() {
    HeldJob here = ann.start("a");
    HeldJob namesake = ann.of("far").start("a");
    here.complete();
    namesake.complete();
    assertThat(cleanup(root, olderThan(0).setFilter(owner("ann")))).isEqualTo(1);
    assertThat(isThere(ann, here.jobId())).isFalse();
    assertThat(isThere(ann.of("far"), namesake.jobId())).isTrue();
    assertThat(cleanup(root, olderThan(0).setFilter(owner("ann").setTenantId("far")))).isEqualTo(1);
  }

  @Test
  void anOperatorMayCleanUpAnyUserOfItsTenantAndAUserItself() {
    HeldJob anns = ann.start("a");
    anns.complete();
    TestClient operator = ann.as("op").in("OPERATOR");
    assertThat(
            Failure.of(() -> cleanup(ann.as("bob"), olderThan(0).setFilter(owner("ann")))).code())
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(
            Failure.of(
                    () ->
                        cleanup(operator, olderThan(0).setFilter(owner("ann").setTenantId("far"))))
                .code())
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(cleanup(operator, olderThan(0).setFilter(owner("bob")))).isZero();
    assertThat(cleanup(operator, olderThan(0).setFilter(owner("ann")))).isEqualTo(1);
  }

  @Test
  void aMissingAgeIsRefused() {
    Failure failure =
        Failure.of(() -> cleanup(root, CleanupJobsRequest.newBuilder().setFilter(owner("root"))));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations()).containsExactly("older_than: is required");
    assertThat(Failure.of(() -> cleanup(root, olderThan(-1))).violations()).hasSize(1);
    assertThat(Failure.of(() -> cleanup(root, olderThan(36_601))).violations()).hasSize(1);
    assertThat(cleanup(root, olderThan(36_600))).as("before all times").isZero();
  }

  @Test
  void theFilterSelectsAmongTheFinishedJobs() {
    ann.start("a").complete();
    HeldJob other = ann.start("b");
    other.complete();
    assertThat(cleanup(ann, olderThan(0).setFilter(owner("ann").addTypes("a")))).isEqualTo(1);
    assertThat(isThere(ann, other.jobId())).isTrue();
    assertThat(
            cleanup(ann, olderThan(0).setFilter(owner("ann").addStates(JobState.JOB_STATE_QUEUED))))
        .isZero();
  }

  @Test
  void takesQueuedJobsOfTheAgeIfToldSo() {
    String waits = ann.create("a").getId();
    CleanupJobsRequest.Builder request = olderThan(1).setFilter(owner("ann"));
    pass(Duration.ofDays(1));
    String younger = ann.create("a").getId();
    assertThat(cleanup(ann, request)).as("not told so").isZero();
    request.setIncludeQueued(true);
    assertThat(ann.jobs().cleanupJobs(request.clone().setValidateOnly(true).build()).getCount())
        .isEqualTo(1);
    assertThat(isThere(ann, waits)).isTrue();

    assertThat(cleanup(ann, request)).isEqualTo(1);

    assertThat(isThere(ann, waits)).isFalse();
    assertThat(isThere(ann, younger)).isTrue();
  }

  @Test
  void cancelsRunningJobsIfToldSoAndTakesThemOnceTheyHaveEnded() {
    HeldJob runs = ann.start("a");
    CleanupJobsRequest request =
        olderThan(0).setFilter(owner("ann")).setCancelRunning(true).build();
    CleanupJobsResponse cancelled = CleanupJobsResponse.newBuilder().setCancelledCount(1).build();
    assertThat(ann.jobs().cleanupJobs(request.toBuilder().setValidateOnly(true).build()))
        .isEqualTo(cancelled);

    assertThat(ann.jobs().cleanupJobs(request)).isEqualTo(cancelled);

    assertThat(ann.get(runs.jobId()).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLING);
    assertThat(ann.jobs().cleanupJobs(request))
        .as("before it has ended")
        .isEqualTo(CleanupJobsResponse.getDefaultInstance());
    runs.confirmCancel();
    assertThat(ann.jobs().cleanupJobs(request).getCount()).isEqualTo(1);
  }
}
