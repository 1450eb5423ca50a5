package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.RetryInfo;
import dev.milepost.server.disk.FreeSpace;
import dev.milepost.server.metrics.MetricsPage;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.TaskServiceGrpc;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server on SQLite does while its disk has little free space. */
class FreeDiskTest {
  private static final String SETTING = "milepost.limits.min-free-disk";
  private static final String TASKS =
      """
      tasks:
        - name: publish
          scope: GLOBAL
          steps: [{name: one, type: one}]
      """;

  @TempDir Path directory;

  private final AtomicLong free = new AtomicLong(FreeSpace.UNKNOWN);

  private TestServer start() throws IOException {
    Path tasks = Files.writeString(directory.resolve("tasks.yaml"), TASKS);
    return TestServer.start(
        Map.of(
            "milepost.store",
            "sqlite:" + directory.resolve("jobs.db"),
            "milepost.tasks.file",
            tasks.toString(),
            "milepost.http.listen",
            "localhost:0",
            SETTING,
            "100M"),
        new SettableClock(),
        binder -> binder.bind(FreeSpace.class).toInstance(free::get));
  }

  private static void refused(Callable<?> creation) {
    Failure failure = Failure.of(creation);
    assertThat(failure.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(failure.info().getMetadataMap())
        .containsEntry("limit", SETTING)
        .containsEntry("subject", "server");
    assertThat(failure.message()).contains(SETTING, "administrator", "100 MiB");
    assertThat(failure.detail(RetryInfo.class)).isPresent();
  }

  private static Job failed(TestClient client) {
    var started =
        client
            .jobs()
            .createJob(
                CreateJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setType("resize").setMaxRetries(0))
                    .addItems(Item.newBuilder().setId("i").setProjectId("p"))
                    .setStart(StartJob.newBuilder().setWorkerId("w"))
                    .build());
    HeldJob work =
        new HeldJob(client, started.getJob().getId(), started.getGrant().getAttemptToken());
    work.report(
        Report.newBuilder()
            .addItems(Item.newBuilder().setId("i").setState(ItemState.ITEM_STATE_FAILED)));
    return work.fail("BROKEN", false);
  }

  @Test
  void noJobsAreCreatedAndExistingOnesContinue() throws Exception {
    try (TestServer server = start()) {
      TestClient ann = server.client();
      CreateJobRequest request =
          CreateJobRequest.newBuilder()
              .setRequestId("r1")
              .setSpec(JobSpec.newBuilder().setType("work"))
              .build();
      Job first = ann.jobs().createJob(request).getJob();
      Job failed = failed(ann);
      HeldJob running = ann.start("other");

      free.set(99L << 20);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  MetricsPage.read(server.server().http() + "/metrics")
                          .value("milepost_store_disk_free_bytes")
                      == (99L << 20));
      refused(() -> ann.create("a"));
      refused(() -> BatchSender.make(ann, "a", 3));
      refused(
          () ->
              TaskServiceGrpc.newBlockingStub(ann.channel())
                  .startTask(StartTaskRequest.newBuilder().setDefinition("publish").build()));
      refused(
          () ->
              ann.jobs()
                  .retryFailedItems(
                      RetryFailedItemsRequest.newBuilder().setJobId(failed.getId()).build()));
      assertThat(
              MetricsPage.read(server.server().http() + "/metrics")
                  .value("milepost_refused_calls_total{limit=\"min-free-disk\"}"))
          .isEqualTo(4);

      // A repetition creates nothing.
      assertThat(ann.jobs().createJob(request).getJob().getId()).isEqualTo(first.getId());
      assertThat(running.progress(1, 2).hasLeaseExpireTime()).isTrue();
      assertThat(running.complete().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      HeldJob claimed = ann.claim();
      assertThat(claimed.jobId()).isEqualTo(first.getId());
      assertThat(claimed.complete().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(failed.getId()).build());
      ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(first.getId()).build());

      free.set(200L << 20);
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(() -> !ann.create("a").getId().isEmpty());
    }
  }

  @Test
  void aServerThatStartsOnAFullDiskCreatesNoJob() throws Exception {
    free.set(1);
    try (TestServer server = start()) {
      refused(() -> server.client().create("a"));
    }
  }

  @Test
  void theFreeSpaceIsThatOfTheFilesOwnFileSystem() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertThat(FreeSpace.of(file).bytes()).isPositive().isLessThan(FreeSpace.UNKNOWN);
    assertThat(FreeSpace.of(link).bytes()).isPositive().isLessThan(FreeSpace.UNKNOWN);
    assertThat(FreeSpace.of(directory.resolve("absent")).bytes()).isEqualTo(FreeSpace.UNKNOWN);
  }
}
