package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelJobsResponse;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancels many jobs with one call. */
class CancelJobsTest {
  @TempDir Path directory;

  private TestServer server;
  private TestClient ann;

  @BeforeEach
  void start() {
    server = TestServer.start();
    ann = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static CancelJobsResponse cancel(TestClient client, JobFilter.Builder filter) {
    return client
        .jobs()
        .cancelJobs(CancelJobsRequest.newBuilder().setFilter(filter).setReason("all off").build());
  }

  /** Repeats the call until it has finished. */
  private static long cancelAll(TestClient client, JobFilter.Builder filter) {
    CancelJobsRequest.Builder request = CancelJobsRequest.newBuilder().setFilter(filter);
    long count = 0;
    do {
      CancelJobsResponse part = client.jobs().cancelJobs(request.build());
      count += part.getCount();
      request.setPageToken(part.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return count;
  }

  private static JobFilter.Builder all() {
    return JobFilter.newBuilder();
  }

  private static JobState state(TestClient client, String id) {
    return client.get(id).getStatus().getState();
  }

  private static long count(TestClient client, JobState state) {
    return client
        .jobs()
        .countJobs(CountJobsRequest.newBuilder().setFilter(all().addStates(state)).build())
        .getTotal();
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "sqlite"})
  void thousandsOfJobsAreCancelledInSlices(String store) {
    try (TestServer other =
        store.equals("memory")
            ? TestServer.start()
            : TestServer.on(directory.resolve("jobs.db"), server.clock())) {
      TestClient client = other.client();
      for (int i = 0; i < 2_500; i++) {
        client.create(JobSpec.newBuilder().setType("much"));
        if (i % 50 == 0) {
          client.create(JobSpec.newBuilder().setType("other"));
        }
      }
      List<HeldJob> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        running.addAll(
            client.works(
                client
                    .worker()
                    .claimJobs(
                        TestClient.claimRequest().addTypes("much").setMaxJobs(100).build())));
      }

      assertThat(cancelAll(client, all().addTypes("much"))).isEqualTo(2_500);

      assertThat(count(client, JobState.JOB_STATE_CANCELLED)).isEqualTo(2_200);
      assertThat(count(client, JobState.JOB_STATE_CANCELLING)).isEqualTo(300);
      assertThat(count(client, JobState.JOB_STATE_QUEUED)).as("the others").isEqualTo(50);
      assertThat(cancelAll(client, all().addTypes("much"))).as("again").isZero();
      assertThat(running.get(0).confirmCancel().getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_CANCELLED);
    }
  }

  @Test
  void eachWorkerReceivesTheCallerAndTheReason() {
    HeldJob work = ann.start("a");
    assertThat(cancel(ann, all()).getCount()).isEqualTo(1);
    Job job = ann.get(work.jobId());
    assertThat(job.getStatus().getCancel().getRequestedBy()).isEqualTo("ann");
    assertThat(job.getStatus().getCancel().getReason()).isEqualTo("all off");
    assertThat(work.heartbeat().getCancel().getReason()).isEqualTo("all off");
  }

  @Test
  void aFilterSelectsJobsByTheirAttributes() {
    Job queued = ann.create(JobSpec.newBuilder().setType("a").putLabels("team", "x"));
    Job other = ann.create(JobSpec.newBuilder().setType("a").putLabels("team", "y"));
    HeldJob running = ann.start(JobSpec.newBuilder().setType("a").putLabels("team", "x"));
    HeldJob done = ann.start(JobSpec.newBuilder().setType("a").putLabels("team", "x"));
    done.complete();

    JobFilter.Builder finished =
        all().addStates(JobState.JOB_STATE_SUCCEEDED).addStates(JobState.JOB_STATE_CANCELLING);
    assertThat(cancel(ann, finished).getCount()).isZero();
    JobFilter.Builder waiting =
        all()
            .putLabels("team", "x")
            .addStates(JobState.JOB_STATE_QUEUED)
            .addStates(JobState.JOB_STATE_SUCCEEDED);
    assertThat(cancel(ann, waiting).getCount()).isEqualTo(1);
    assertThat(state(ann, queued.getId())).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(state(ann, running.jobId())).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(cancel(ann, all().putLabels("team", "x")).getCount()).isEqualTo(1);
    assertThat(state(ann, running.jobId())).isEqualTo(JobState.JOB_STATE_CANCELLING);
    assertThat(state(ann, done.jobId())).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(state(ann, other.getId())).isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void withoutAUserItCancelsAllJobsThatTheCallerMaySee() {
    TestClient bob = ann.as("bob");
    TestClient far = ann.as("cat").of("far");
    ann.create("a");
    String bobs = bob.create("a").getId();
    String fars = far.create("a").getId();

    assertThat(cancel(ann.in("USER"), all()).getCount()).isEqualTo(1);
    assertThat(state(bob, bobs)).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(cancel(ann.as("op").in("OPERATOR"), all()).getCount()).isEqualTo(1);
    assertThat(state(bob, bobs)).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(state(far, fars)).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(cancel(ann.as("root").in("ADMIN"), all()).getCount()).isEqualTo(1);
    assertThat(state(far, fars)).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void namingAnotherUserIsDenied() {
    TestClient bob = ann.as("bob");
    String bobs = bob.create("a").getId();
    TestClient operator = ann.as("op").in("OPERATOR");
    for (String user : List.of("bob", "nobody")) {
      assertThat(Failure.of(() -> cancel(ann.in("USER"), all().setUserId(user))).code())
          .isEqualTo(Code.PERMISSION_DENIED);
    }
    assertThat(Failure.of(() -> cancel(operator, all().setTenantId("far"))).code())
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(Failure.of(() -> cancel(ann.in("WORKER"), all())).code())
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(state(bob, bobs)).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(cancel(operator, all().setUserId("bob")).getCount()).isEqualTo(1);
  }

  @Test
  void invalidInputIsRefused() {
    assertThat(Failure.of(() -> cancel(ann, all().addTypes(""))).violations())
        .singleElement()
        .asString()
        .startsWith("filter.types");
    CancelJobsRequest longReason =
        CancelJobsRequest.newBuilder().setReason("x".repeat(1_025)).build();
    assertThat(Failure.of(() -> ann.jobs().cancelJobs(longReason)).violations())
        .containsExactly("reason: must be at most 1024 characters");
    CancelJobsRequest badToken = CancelJobsRequest.newBuilder().setPageToken("x").build();
    assertThat(Failure.of(() -> ann.jobs().cancelJobs(badToken)).code())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void expiredJobsAreNotFound() {
    Job job =
        ann.create(
            JobSpec.newBuilder()
                .setType("a")
                .setExpireTime(
                    com.google.protobuf.Timestamp.newBuilder()
                        .setSeconds(server.clock().instant().getEpochSecond() + 1)));
    server.clock().advance(java.time.Duration.ofSeconds(2));
    assertThat(cancel(ann, all().addTypes(job.getSpec().getType())).getCount()).isZero();
  }
}
