package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.EraseUserTest.Store;
import dev.milepost.v1.AdminServiceGrpc;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimReason;
import dev.milepost.v1.ClaimReasonKind;
import dev.milepost.v1.ExplainJobRequest;
import dev.milepost.v1.ExplainJobResponse;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.ListWorkersResponse;
import dev.milepost.v1.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ListWorkers says who waits for which jobs, and ExplainJob why one is not claimed. */
class WorkersTest {
  @TempDir Path directory;

  private static TestServer start(String store) {
    return TestServer.inRealTime(Map.of("milepost.store", store));
  }

  /** Waits for a job, until the client ends. */
  static void waitFor(TestClient worker, ClaimJobsRequest.Builder request) {
    var unused =
        PendingCall.call(
            worker.workerAsync()::claimJobs, request.setWait(TestClient.seconds(60)).build());
  }

  private static ClaimJobsRequest.Builder claim(String name, String... types) {
    return ClaimJobsRequest.newBuilder().setWorkerId(name).addAllTypes(List.of(types));
  }

  static List<Worker> workers(TestClient caller, ListWorkersRequest.Builder request) {
    List<Worker> all = new ArrayList<>();
    ListWorkersResponse page;
    do {
      page =
          AdminServiceGrpc.newBlockingStub(caller.in("OPERATOR").channel())
              .listWorkers(request.build());
      all.addAll(page.getWorkersList());
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return all;
  }

  static ExplainJobResponse explain(TestClient caller, String id) {
    return caller.jobs().explainJob(ExplainJobRequest.newBuilder().setJobId(id).build());
  }

  private static List<String> messages(ExplainJobResponse explained) {
    return explained.getReasonsList().stream().map(ClaimReason::getMessage).toList();
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aWorkerSaysHowManyJobsItCanRun(Store store) {
    String url = store.url(directory);
    try (TestServer server = start(url)) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("a");
      waitFor(ann, claim("other", "b"));
      var unused = ann.worker().claimJobs(claim("w", "a").setCapacity(4).build());
      waitFor(ann, claim("w", "a").setCapacity(8));
      await()
          .untilAsserted(
              () ->
                  assertThat(workers(ann, ListWorkersRequest.newBuilder()))
                      .extracting(Worker::getWorkerId, Worker::getCapacity, Worker::getHeldJobCount)
                      .containsExactly(tuple("other", 0, 0), tuple("w", 8, 1)));
      assertThat(
              Failure.of(() -> ann.worker().claimJobs(claim("w").setCapacity(1_000_001).build()))
                  .message())
          .contains("capacity");
    }
    if (store == Store.MEMORY) {
      return;
    }
    try (TestServer server = start(url)) {
      TestClient ann = server.client().in("USER,WORKER");
      assertThat(workers(ann, ListWorkersRequest.newBuilder().setType("a")))
          .extracting(Worker::getCapacity)
          .containsExactly(8);
    }
  }

  @Test
  void aRepetitionMaySayAnotherCapacity() {
    try (TestServer server = start("memory:")) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("a");
      ClaimJobsRequest.Builder request = claim("w", "a").setRequestId("once");
      var first = ann.worker().claimJobs(request.setCapacity(1).build());
      assertThat(first.getJobsCount()).isEqualTo(1);
      assertThat(ann.worker().claimJobs(request.setCapacity(2).build())).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aJobSaysThatNobodyWaitsForIt(Store store) {
    String url = store.url(directory);
    String id;
    try (TestServer server = start(url)) {
      TestClient ann = server.client().in("USER,WORKER");
      id = ann.create("import").getId();
      waitFor(ann, claim("w1", "imort"));
      waitFor(ann, claim("w2", "imort"));
      waitFor(ann, claim("w3", "import").addScopes(JobScope.JOB_SCOPE_GLOBAL));
      await()
          .untilAsserted(
              () ->
                  assertThat(workers(ann, ListWorkersRequest.newBuilder().setWaitingOnly(true)))
                      .hasSize(3));

      ExplainJobResponse explained = explain(ann, id);

      assertThat(messages(explained))
          .containsExactly(
              "No worker waits for jobs of type \"import\", scope ITEM_SET, priority 50. None was"
                  + " seen in the last 24 hours.",
              "1 worker waits for scope GLOBAL.",
              "2 workers wait for type \"imort\".");
      assertThat(explained.getReasons(2).getDifferingFieldsList()).containsExactly("type");
      assertThat(explained.getReasons(2).getWorkerCount()).isEqualTo(2);
      assertThat(explained.getQueuedJobs()).isEqualTo(1);
      assertThat(explained.hasLastMatchTime()).isFalse();
      HeldJob held = ann.works(ann.worker().claimJobs(claim("w4", "import").build())).get(0);
      assertThat(workers(ann, ListWorkersRequest.newBuilder().setType("import")))
          .extracting(Worker::getWorkerId, Worker::getHeldJobCount)
          .contains(tuple("w4", 1));
      held.complete();
      id = ann.create("import").getId();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> workers(server.client(), ListWorkersRequest.newBuilder()).size() == 4);
    }
    if (store == Store.MEMORY) {
      return;
    }
    // The next run of the server knows them too.
    try (TestServer server = start(url)) {
      TestClient ann = server.client().in("USER,WORKER");

      List<Worker> known = workers(ann, ListWorkersRequest.newBuilder().setPageSize(3));

      assertThat(known).extracting(Worker::getWorkerId).containsExactly("w1", "w2", "w3", "w4");
      assertThat(known).noneMatch(Worker::getWaiting).allMatch(Worker::hasLastSeenTime);
      assertThat(known.get(3).hasLastClaimTime()).isTrue();
      ExplainJobResponse explained = explain(ann, id);
      assertThat(explained.getReasons(0).getKind())
          .isEqualTo(ClaimReasonKind.CLAIM_REASON_KIND_NO_WORKER);
      assertThat(explained.getReasons(0).getMessage()).contains("One was last seen at 2");
      assertThat(explained.getLastMatchTime()).isEqualTo(known.get(3).getLastSeenTime());
      assertThat(explained.getMatchingWorkers()).isEqualTo(1);
    }
  }

  @Test
  void workersAreSeenWithinTheirTenantOnly() {
    try (TestServer server = start("memory:")) {
      TestClient ann = server.client().in("USER,WORKER");
      TestClient eve = ann.of("other");
      ann.worker().claimJobs(claim("w", "a").build());

      assertThat(workers(ann, ListWorkersRequest.newBuilder())).hasSize(1);
      assertThat(workers(eve, ListWorkersRequest.newBuilder())).isEmpty();
      assertThat(
              AdminServiceGrpc.newBlockingStub(eve.in("ADMIN").channel())
                  .listWorkers(ListWorkersRequest.getDefaultInstance())
                  .getWorkersList())
          .extracting(Worker::getTenantId)
          .containsExactly("default");
      String id = eve.create("b").getId();
      assertThat(messages(explain(eve, id))).noneMatch(message -> message.contains("\"a\""));
    }
  }

  @Test
  void workersThatHoldOtherJobsAreBusy() {
    try (TestServer server = start("memory:")) {
      TestClient ann = server.client().in("USER,WORKER");
      ann.create("a");
      ann.worker().claimJobs(claim("w", "a").build());
      String id = ann.create("a").getId();

      ExplainJobResponse explained = explain(ann, id);

      assertThat(explained.getReasonsCount()).isEqualTo(1);
      assertThat(explained.getReasons(0).getKind())
          .isEqualTo(ClaimReasonKind.CLAIM_REASON_KIND_WORKERS_BUSY);
      assertThat(explained.getReasons(0).getMessage())
          .isEqualTo(
              "1 worker that may claim it is busy. 1 job of its type and scope is queued, this one"
                  + " included: the highest priority first, then the oldest.");
    }
  }

  @Test
  void priorityCounts() {
    try (TestServer server = start("memory:")) {
      TestClient ann = server.client().in("USER,WORKER");
      String id = ann.create(JobSpec.newBuilder().setType("a").setPriority(10)).getId();
      waitFor(ann, claim("w").setMinPriority(40));
      await()
          .until(
              () -> workers(ann, ListWorkersRequest.newBuilder().setWaitingOnly(true)).size() == 1);

      assertThat(messages(explain(ann, id)).get(1))
          .isEqualTo("1 worker waits for priority 40 to 100.");
      assertThat(explain(ann, id).getReasons(1).getDifferingFieldsList())
          .containsExactly("priority");
    }
  }
}
