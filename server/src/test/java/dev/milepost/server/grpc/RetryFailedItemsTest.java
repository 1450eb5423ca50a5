package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.PreconditionFailure;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryFailedItemsResponse;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.StartJob;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retries the failed items of a job in a new job. */
class RetryFailedItemsTest {
  @TempDir Path directory;

  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static HeldJob started(TestClient client, int items) {
    CreateJobResponse made =
        client
            .jobs()
            .createJob(
                CreateJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setType("resize").setMaxRetries(0))
                    .addAllItems(
                        IntStream.range(0, items)
                            .mapToObj(
                                i -> Item.newBuilder().setId("i" + i).setProjectId("p").build())
                            .toList())
                    .setStart(StartJob.newBuilder().setWorkerId("w"))
                    .build());
    return new HeldJob(client, made.getJob().getId(), made.getGrant().getAttemptToken());
  }

  private static void fail(HeldJob work, List<String> items) {
    Report.Builder report = Report.newBuilder();
    for (String id : items) {
      report.addItems(
          Item.newBuilder().setId(id).setState(ItemState.ITEM_STATE_FAILED).setMessage("no"));
    }
    work.report(report);
  }

  private static RetryFailedItemsResponse retry(TestClient client, String id, String requestId) {
    return client
        .jobs()
        .retryFailedItems(
            RetryFailedItemsRequest.newBuilder().setJobId(id).setRequestId(requestId).build());
  }

  private static List<Item> items(TestClient client, String id) {
    return client
        .jobs()
        .listItems(ListItemsRequest.newBuilder().setJobId(id).setPageSize(1_000).build())
        .getItemsList();
  }

  @Test
  void theNewJobHasOnlyTheFailedItems() {
    HeldJob work = started(ann, 4);
    fail(work, List.of("i1", "i3"));
    work.fail("X", false);

    RetryFailedItemsResponse made = retry(ann, work.jobId(), "");

    assertThat(made.getCreated()).isTrue();
    Job job = made.getJob();
    assertThat(job.getRetriedJobId()).isEqualTo(work.jobId());
    assertThat(job.getSpec().getTrigger()).isEqualTo(JobTrigger.JOB_TRIGGER_RETRY);
    assertThat(job.getSpec().getType()).isEqualTo("resize");
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(job.getStatus().getItemCounts().getPending()).isEqualTo(2);
    assertThat(ann.get(job.getId())).isEqualTo(job);
    assertThat(items(ann, job.getId()))
        .extracting(Item::getId, Item::getState, Item::getProjectId, Item::getMessage)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple("i1", ItemState.ITEM_STATE_PENDING, "p", ""),
            org.assertj.core.api.Assertions.tuple("i3", ItemState.ITEM_STATE_PENDING, "p", ""));
    assertThat(items(ann, work.jobId())).as("the first job is unchanged").hasSize(4);
    assertThat(ann.claim().jobId()).as("a worker can claim it").isEqualTo(job.getId());
    assertThat(retry(ann, work.jobId(), "").getJob().getId())
        .as("without a request_id, each call creates one")
        .isNotEqualTo(job.getId());
  }

  @Test
  void aRepeatedRequestCreatesOneJob() {
    HeldJob work = started(ann, 2);
    HeldJob other = started(ann, 1);
    fail(work, List.of("i0"));
    fail(other, List.of("i0"));
    work.complete();
    other.complete();
    RetryFailedItemsResponse first = retry(ann, work.jobId(), "r-1");
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(work.jobId()).build());

    RetryFailedItemsResponse again = retry(ann, work.jobId(), "r-1");

    assertThat(again.getCreated()).isFalse();
    assertThat(again.getJob().getId()).isEqualTo(first.getJob().getId());
    Failure reused = Failure.of(() -> retry(ann, other.jobId(), "r-1"));
    assertThat(reused.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(reused.info().getMetadataMap()).containsEntry("fields", "job_id");
    assertThat(retry(ann, other.jobId(), "r-2").getCreated()).isTrue();
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(first.getJob().getId()).build());
    assertThat(Failure.of(() -> retry(ann, work.jobId(), "r-1")).code()).isEqualTo(Code.NOT_FOUND);
  }

  @Test
  void anUnfinishedJobIsRefused() {
    HeldJob work = started(ann, 1);
    fail(work, List.of("i0"));
    Failure failure = Failure.of(() -> retry(ann, work.jobId(), ""));
    assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(failure.reason()).isEqualTo("JOB_NOT_FINISHED");
    assertThat(failure.info().getMetadataMap()).containsEntry("state", "RUNNING");
    assertThat(failure.detail(PreconditionFailure.class).orElseThrow().getViolations(0).getType())
        .isEqualTo("STATE");
  }

  @Test
  void aJobWithoutFailedItemsIsRefused() {
    HeldJob work = started(ann, 1);
    work.complete();
    Failure failure = Failure.of(() -> retry(ann, work.jobId(), ""));
    assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(failure.reason()).isEqualTo("NO_FAILED_ITEMS");
    assertThat(Failure.of(() -> retry(ann, "no-such-job", "")).code()).isEqualTo(Code.NOT_FOUND);
  }

  @Test
  void aRetryByAnOperatorBelongsToTheOwner() {
    HeldJob work = started(ann, 1);
    fail(work, List.of("i0"));
    work.complete();
    Job job = retry(ann.as("op").in("OPERATOR"), work.jobId(), "").getJob();
    assertThat(job.getUserId()).isEqualTo("ann");
    assertThat(ann.journal(job.getId()).get(0).getStateChange().getCause()).isEqualTo("op");
  }

  @Test
  void retriesTheMaximumNumberOfItems() {
    try (TestServer durable = TestServer.on(directory.resolve("jobs.db"), server.clock())) {
      TestClient client = durable.client();
      HeldJob work = started(client, 2_000);
      fail(work, IntStream.range(0, 2_000).mapToObj(i -> "i" + i).toList());
      work.complete();
      Job job = retry(client, work.jobId(), "").getJob();
      assertThat(job.getStatus().getItemCounts().getPending()).isEqualTo(2_000);
    }
  }

  @Test
  void aJobThatRanAgainIsRetriedInItsNewState() {
    HeldJob work = started(ann, 2);
    fail(work, List.of("i0", "i1"));
    work.fail("X", false);
    ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(work.jobId()).build());
    HeldJob second = ann.claim();
    second.report(
        Report.newBuilder()
            .addItems(Item.newBuilder().setId("i0").setState(ItemState.ITEM_STATE_DONE)));
    second.complete();
    Job job = retry(ann, work.jobId(), "").getJob();
    assertThat(items(ann, job.getId())).extracting(Item::getId).containsExactly("i1");
  }

  @Test
  void aFullTenantIsRefused() {
    try (TestServer full = TestServer.start(Map.of("milepost.limits.tenant-jobs", 1))) {
      TestClient client = full.client();
      HeldJob work = started(client, 1);
      fail(work, List.of("i0"));
      work.complete();
      assertThat(Failure.of(() -> retry(client, work.jobId(), "")).code())
          .isEqualTo(Code.RESOURCE_EXHAUSTED);
    }
  }

  @Test
  void aWorkerReadsTheItemsOfItsJob() {
    HeldJob work = started(ann, 3);
    TestClient worker = ann.as("w").in("WORKER");
    ListItemsRequest request = ListItemsRequest.newBuilder().setJobId(work.jobId()).build();
    ListItemsRequest proved = request.toBuilder().setAttemptToken(work.token()).build();
    ListItemsRequest wrong = request.toBuilder().setAttemptToken("x").build();

    assertThat(worker.jobs().listItems(proved).getItemsCount()).isEqualTo(3);
    assertThat(Failure.of(() -> worker.jobs().listItems(request)).code()).isEqualTo(Code.NOT_FOUND);
    assertThat(Failure.of(() -> worker.jobs().listItems(wrong)).code()).isEqualTo(Code.ABORTED);
    assertThat(Failure.of(() -> worker.of("far").jobs().listItems(proved)).code())
        .isEqualTo(Code.NOT_FOUND);
    assertThat(ann.jobs().listItems(wrong).getItemsCount())
        .as("its owner needs no token")
        .isEqualTo(3);
    work.complete();
    assertThat(Failure.of(() -> worker.jobs().listItems(proved)).code()).isEqualTo(Code.ABORTED);
  }
}
