package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.QuotaFailure;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.TaskServiceGrpc;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users and tenants may keep, as their clients see it; on SQLite. */
class QuotasTest {
  private static final String THREE_STEPS =
      """
      tasks:
        - name: publish
          scope: ITEM_SET
          steps: [{name: a, type: a}, {name: b, type: b}, {name: c, type: c}]
      """;

  @TempDir Path directory;

  private TestServer server;
  private TestClient ann;

  private void start(String limit, Object value) throws IOException {
    Path tasks = Files.writeString(directory.resolve("tasks.yaml"), THREE_STEPS);
    Map<String, Object> settings = new HashMap<>();
    settings.put("milepost.store", "sqlite:" + directory.resolve("jobs.db"));
    settings.put("milepost.tasks.file", tasks.toString());
    settings.put("milepost.limits.batch-items-per-job", 1);
    settings.put("milepost.limits." + limit, value);
    server = TestServer.start(settings);
    ann = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Failure refused(Callable<?> call, String limit, String subject) {
    Failure failure = Failure.of(call);
    assertThat(failure.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(failure.reason()).isEqualTo("LIMIT_EXCEEDED");
    QuotaFailure.Violation violation =
        failure.detail(QuotaFailure.class).orElseThrow().getViolations(0);
    assertThat(violation.getSubject()).isEqualTo(subject);
    assertThat(violation.getDescription()).isEqualTo("milepost.limits." + limit);
    return failure;
  }

  private long jobs() {
    return ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal();
  }

  private static Object startTask(TestClient who) {
    return TaskServiceGrpc.newBlockingStub(who.channel())
        .startTask(
            StartTaskRequest.newBuilder()
                .setDefinition("publish")
                .setSpec(JobSpec.newBuilder().setDisplayName("Publish"))
                .build());
  }

  @Test
  void theJobsOfAUserAreLimited() throws IOException {
    start("user-jobs", 2);
    String id = ann.create("a").getId();
    ann.create("a");

    refused(() -> ann.create("a"), "user-jobs", "user:ann");

    ann.as("bob").create("a");
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
    ann.create("a");
  }

  @Test
  void everyJobOfATaskAndOfABatchCounts() throws Exception {
    start("user-jobs", 5);
    ann.create("a");
    ann.create("a");

    refused(() -> startTask(ann), "user-jobs", "user:ann");
    refused(() -> BatchSender.make(ann, "a", 3), "user-jobs", "user:ann");
    await().until(() -> jobs() == 2);

    BatchSender.make(ann, "a", 2);
    startTask(ann.as("bob"));
  }

  private static JobSpec.Builder large() {
    return JobSpec.newBuilder()
        .setType("a")
        .setParams(
            Struct.newBuilder()
                .putFields("x", Value.newBuilder().setStringValue("x".repeat(40_000)).build()));
  }

  @Test
  void theBytesOfAUserAreLimited() throws IOException {
    start("user-stored-bytes", "64K");
    String id = ann.create(large()).getId();

    Failure failure = refused(() -> ann.create(large()), "user-stored-bytes", "user:ann");

    assertThat(failure.message()).contains("64 KiB", "The administrator of this server");
    ann.as("bob").create(large());
    ann.create("small");
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());
    ann.create(large());
  }

  @Test
  void theBytesOfATenantAreLimited() throws IOException {
    start("tenant-stored-bytes", "64K");
    ann.create(large());

    Failure failure =
        refused(() -> ann.as("bob").create(large()), "tenant-stored-bytes", "tenant:default");

    assertThat(failure.message()).contains("You have no jobs to delete.", "an OPERATOR");
    ann.of("elsewhere").create(large());
  }

  @Test
  void workUnderWayGoesOn() throws IOException {
    start("user-jobs", 2);
    HeldJob work = ann.start("a");
    String failing = ann.create("b").getId();
    refused(() -> ann.create("a"), "user-jobs", "user:ann");

    work.progress(1, 2);
    work.heartbeat();
    work.complete();
    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(failing).build());
    ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(failing).build());

    assertThat(ann.get(work.jobId()).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ann.get(failing).getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
  }
}
