package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.milepost.server.job.Times;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListItemsResponse;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.StartJob;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches: created by a stream, worked on child by child, seen as one job; on SQLite. */
class CreateJobsTest {
  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private TestServer server;
  private TestClient ann;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            Map.of(
                "milepost.store",
                "sqlite:" + directory.resolve("jobs.db"),
                "milepost.limits.batch-items-per-job",
                3),
            clock);
    ann = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private List<Job> children(String batchId) {
    return ann.jobs()
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setParentId(batchId))
                .setOrderBy("create_time asc")
                .build())
        .getJobsList();
  }

  private long kept() {
    return ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal();
  }

  /** Returns all children, once they can be claimed. */
  private List<HeldJob> claimAll(int children) {
    List<HeldJob> claimed = new ArrayList<>();
    await()
        .untilAsserted(
            () -> {
              claimed.addAll(ann.claim(100));
              assertThat(claimed).hasSize(children);
            });
    return claimed;
  }

  private Job ended(String id, JobState state) {
    await().untilAsserted(() -> assertThat(ann.get(id).getStatus().getState()).isEqualTo(state));
    return ann.get(id);
  }

  @Test
  void itemsAreSplitIntoChildrenThatCannotBeClaimedBeforeTheBatchIsComplete() throws Exception {
    BatchSender sender = new BatchSender(ann).begin("resize").items(0, 7);
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(3));
    assertThat(ann.claim(100)).isEmpty();

    CreateJobsResponse made = sender.finish();

    assertThat(made.getCreated()).isTrue();
    assertThat(made.getChildCount()).isEqualTo(3);
    assertThat(made.getItemCount()).isEqualTo(7);
    assertThat(made.getJob().getKind()).isEqualTo(JobKind.JOB_KIND_BATCH);
    assertThat(made.getJob().getStatus().getProgress().hasPercent()).isTrue();
    assertThat(made.getJob().getStatus().getProgress().getPercent()).isZero();
    assertThat(claimAll(3))
        .extracting(HeldJob::jobId)
        .containsExactlyElementsOf(
            children(made.getJob().getId()).stream().map(Job::getId).toList());
    assertThat(children(made.getJob().getId()))
        .extracting(child -> child.getStatus().getItemCounts().getPending())
        .containsExactly(3L, 3L, 1L);
  }

  @Test
  void theProgressReachesTheTotalWithTheLastChild() throws Exception {
    String id = BatchSender.make(ann, "resize", 7).getJob().getId();
    JobWatchRecorder watch = ann.watch(id);
    List<HeldJob> works = claimAll(3);
    assertThat(ann.get(id).getStatus().getChildCounts().getRunning()).isEqualTo(3);

    works.get(0).complete();
    assertThat(ann.get(id).getStatus().getProgress().getCurrent()).isEqualTo(3);
    assertThat(ann.get(id).getStatus().getProgress().getPercent()).isEqualTo(42);
    works.get(1).complete();
    works.get(2).complete();

    Job batch = ann.get(id);
    assertThat(batch.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(batch.getStatus().getProgress().getPercent()).isEqualTo(100);
    assertThat(batch.getStatus().getChildCounts().getSucceeded()).isEqualTo(3);
    assertThat(batch.getStatus().hasStartTime()).isTrue();
    watch.awaitEnd();
    assertThat(watch.entries())
        .extracting(entry -> entry.getStateChange().getToState())
        .containsExactly(
            JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void theProgressFollowsTheChildrenWhileTheBatchIsWatched() throws Exception {
    String id = BatchSender.make(ann, "resize", 3).getJob().getId();
    HeldJob work = claimAll(1).get(0);
    Report.Builder done =
        Report.newBuilder()
            .addItems(Item.newBuilder().setId("i0").setState(ItemState.ITEM_STATE_DONE));

    work.report(done);
    assertThat(ann.get(id).getStatus().getProgress().getCurrent()).isZero();

    JobWatchRecorder watch = ann.watch(id);
    await().untilAsserted(() -> assertThat(watch.messages()).isNotEmpty());
    work.report(
        Report.newBuilder()
            .addItems(Item.newBuilder().setId("i1").setState(ItemState.ITEM_STATE_FAILED)));

    Job batch = ann.get(id);
    assertThat(batch.getStatus().getProgress().getCurrent()).isEqualTo(2);
    assertThat(batch.getStatus().getItemCounts().getDone()).isEqualTo(1);
    assertThat(batch.getStatus().getItemCounts().getFailed()).isEqualTo(1);
    assertThat(batch.getStatus().getItemCounts().getPending()).isEqualTo(1);
  }

  @Test
  void itemsAreListedChildByChild() throws Exception {
    String id = BatchSender.make(ann, "resize", 8).getJob().getId();
    List<HeldJob> works = claimAll(3);
    works
        .get(2)
        .report(
            Report.newBuilder()
                .addItems(Item.newBuilder().setId("i7").setState(ItemState.ITEM_STATE_FAILED)));

    List<Item> all = items(ListItemsRequest.newBuilder().setJobId(id).setPageSize(2));
    assertThat(all)
        .extracting(Item::getId)
        .containsExactly("i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7");
    assertThat(all.get(3).getJobId()).isEqualTo(works.get(1).jobId());
    List<Item> failed =
        items(
            ListItemsRequest.newBuilder()
                .setJobId(id)
                .setPageSize(100)
                .addStates(ItemState.ITEM_STATE_FAILED));
    assertThat(failed).extracting(Item::getId).containsExactly("i7");
    assertThat(failed.get(0).getJobId()).isEqualTo(works.get(2).jobId());
    assertThat(items(ListItemsRequest.newBuilder().setJobId(works.get(2).jobId())))
        .allMatch(item -> item.getJobId().isEmpty());
  }

  private List<Item> items(ListItemsRequest.Builder request) {
    List<Item> items = new ArrayList<>();
    do {
      ListItemsResponse page = ann.jobs().listItems(request.build());
      items.addAll(page.getItemsList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return items;
  }

  @Test
  void aBrokenStreamLeavesNothingBehind() throws Exception {
    BatchSender sender = new BatchSender(ann).begin("resize").items(0, 7);
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(3));

    sender.breakOff();

    await().untilAsserted(() -> assertThat(kept()).isZero());
  }

  @Test
  void aSilentStreamTimesOut() throws Exception {
    BatchSender sender = new BatchSender(ann).begin("resize").items(0, 4);
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(2));
    clock.advance(Duration.ofSeconds(121));
    await().untilAsserted(() -> assertThat(kept()).isZero());

    Failure failure = Failure.of(sender::finish);

    assertThat(failure.code()).isEqualTo(Code.ABORTED);
    assertThat(failure.reason()).isEqualTo("BATCH_CLOSED");
    assertThat(kept()).isZero();
  }

  @Test
  void aRepeatedRequestReturnsTheSameBatch() throws Exception {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setSpec(JobSpec.newBuilder().setType("resize"))
            .setRequestId("once");
    CreateJobsResponse first = new BatchSender(ann).begin(request).items(0, 7).finish();

    CreateJobsResponse again = new BatchSender(ann).begin(request).items(0, 2).items(2, 7).finish();

    assertThat(again.getCreated()).isFalse();
    assertThat(again.getJob().getId()).isEqualTo(first.getJob().getId());
    assertThat(again.getItemCount()).isEqualTo(7);
    assertThat(kept()).isEqualTo(4);

    Failure other = Failure.of(new BatchSender(ann).begin(request).items(0, 6)::finish);
    assertThat(other.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(other.message()).contains("items");
    assertThat(kept()).isEqualTo(4);
  }

  @Test
  void onlyOneOfTwoStreamsWithTheSameRequestIdCreatesTheBatch() throws Exception {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setSpec(JobSpec.newBuilder().setType("resize"))
            .setRequestId("once");
    BatchSender one = new BatchSender(ann).begin(request).items(0, 4);
    BatchSender other = new BatchSender(ann).begin(request).items(0, 4);
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(4));

    String id = one.finish().getJob().getId();
    CreateJobsResponse late = other.finish();

    assertThat(late.getJob().getId()).isEqualTo(id);
    assertThat(late.getCreated()).isFalse();
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(3));
  }

  @Test
  void aStreamReplacesAnEarlierOneWithTheSameRequestId() throws Exception {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setSpec(JobSpec.newBuilder().setType("resize"))
            .setJobId("mine")
            .setRequestId("once");
    BatchSender first = new BatchSender(ann).begin(request).items(0, 4);
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(2));
    Failure other =
        Failure.of(new BatchSender(ann).begin(request.clone().setRequestId("other"))::finish);
    assertThat(other.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(other.reason()).isEqualTo("JOB_ALREADY_EXISTS");

    Failure early = Failure.of(new BatchSender(ann).begin(request).items(0, 4)::finish);

    assertThat(early.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(early.reason()).isEqualTo("BATCH_BEING_REMOVED");
    await().untilAsserted(() -> assertThat(kept()).isZero());
    assertThat(Failure.of(first::finish).code()).isEqualTo(Code.ABORTED);
    assertThat(new BatchSender(ann).begin(request).items(0, 4).finish().getCreated()).isTrue();
  }

  @Test
  void queueTimeoutsOfChildrenStartWhenTheBatchIsComplete() throws Exception {
    JobSpec.Builder spec = JobSpec.newBuilder().setType("resize");
    spec.getTimeoutsBuilder().setQueue(TestClient.seconds(5)).setTotal(TestClient.seconds(60));
    BatchSender sender =
        new BatchSender(ann).begin(CreateJobRequest.newBuilder().setSpec(spec)).items(0, 4);
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(2));
    clock.advance(Duration.ofSeconds(100));
    String id = sender.items(4, 7).finish().getJob().getId();

    await()
        .untilAsserted(
            () -> {
              clock.advance(Duration.ofMillis(1));
              assertThat(ann.claim(1)).hasSize(1);
            });
    assertThat(ann.get(id).getStatus().getChildCounts().getFailed()).isZero();

    clock.advance(Duration.ofSeconds(6));
    await()
        .untilAsserted(
            () -> assertThat(ann.get(id).getStatus().getChildCounts().getFailed()).isPositive());
  }

  @Test
  void forbiddenOperationsOnABatchSayWhatToDo() throws Exception {
    String id = BatchSender.make(ann, "resize", 3).getJob().getId();
    Failure failure =
        Failure.of(() -> ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(id).build()));
    assertThat(failure.reason()).isEqualTo("INVALID_STATE_TRANSITION");
    assertThat(failure.info().getMetadataOrThrow("allowed_commands")).isEqualTo("CANCEL,UPDATE");
  }

  @Test
  void aBatchFailsAndIsRetriedWithItsChildren() throws Exception {
    String id = BatchSender.make(ann, "resize", 9).getJob().getId();
    List<HeldJob> works = claimAll(3);
    works.get(0).complete();
    works
        .get(1)
        .report(
            Report.newBuilder()
                .addItems(Item.newBuilder().setId("i3").setState(ItemState.ITEM_STATE_FAILED)));
    works.get(1).fail("BROKEN", false);
    assertThat(ann.get(id).getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    works.get(2).complete();

    Job failed = ann.get(id);
    assertThat(failed.getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(failed.getStatus().getError().getCode()).isEqualTo("CHILD_FAILED");
    assertThat(failed.getStatus().getError().getMessage()).contains("1 of 3");
    Failure alone =
        Failure.of(
            () ->
                ann.jobs()
                    .retryJob(RetryJobRequest.newBuilder().setJobId(works.get(1).jobId()).build()));
    assertThat(alone.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(alone.reason()).isEqualTo("CHILD_JOB");
    ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(id).build());

    List<HeldJob> again = claimAll(1);
    assertThat(again.get(0).jobId()).isEqualTo(works.get(1).jobId());
    assertThat(ann.get(id).getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    again.get(0).complete();
    assertThat(ann.get(id).getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aCancelReachesEveryChild() throws Exception {
    String id = BatchSender.make(ann, "resize", 9).getJob().getId();
    await().untilAsserted(() -> assertThat(ann.claim(1)).hasSize(1));
    HeldJob running = new HeldJob(ann, children(id).get(0).getId(), "");

    Job cancelling =
        ann.jobs()
            .cancelJob(CancelJobRequest.newBuilder().setJobId(id).setReason("enough").build())
            .getJob();

    assertThat(cancelling.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    ended(children(id).get(1).getId(), JobState.JOB_STATE_CANCELLED);
    ended(children(id).get(2).getId(), JobState.JOB_STATE_CANCELLED);
    Job asked = ended(running.jobId(), JobState.JOB_STATE_CANCELLING);
    assertThat(asked.getStatus().getCancel().getReason()).isEqualTo("enough");
    assertThat(ann.get(id).getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    clock.advance(Duration.ofMinutes(1));
    ended(running.jobId(), JobState.JOB_STATE_CANCELLED);
    assertThat(ann.get(id).getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);

    ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(id).build());
    claimAll(3).forEach(HeldJob::complete);
    assertThat(ann.get(id).getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void oneCallCancelsParentAndChildren() throws Exception {
    String id = BatchSender.make(ann, "resize", 9).getJob().getId();

    ann.jobs().cancelJobs(CancelJobsRequest.getDefaultInstance());

    Job batch = ended(id, JobState.JOB_STATE_CANCELLED);
    assertThat(batch.getStatus().getChildCounts().getCancelled()).isEqualTo(3);
    assertThat(ann.journal(id))
        .extracting(entry -> entry.getStateChange().getToState())
        .containsExactly(
            JobState.JOB_STATE_QUEUED,
            JobState.JOB_STATE_RUNNING,
            JobState.JOB_STATE_CANCELLING,
            JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void aCancelDuringCreationEndsTheStream() throws Exception {
    BatchSender sender =
        new BatchSender(ann)
            .begin(
                CreateJobRequest.newBuilder()
                    .setSpec(JobSpec.newBuilder().setType("resize"))
                    .setJobId("mine"))
            .items(0, 4);
    await().untilAsserted(() -> assertThat(kept()).isEqualTo(2));

    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId("mine").build());

    Failure failure = Failure.of(sender::finish);
    assertThat(failure.code()).isEqualTo(Code.ABORTED);
    await().untilAsserted(() -> assertThat(kept()).isZero());
  }

  @Test
  void aBatchIsDeletedWithItsChildrenAndTheyNotWithoutIt() throws Exception {
    String id = BatchSender.make(ann, "resize", 30).getJob().getId();
    claimAll(10).forEach(HeldJob::complete);
    String child = children(id).get(0).getId();

    Failure failure =
        Failure.of(
            () -> ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(child).build()));
    assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(failure.reason()).isEqualTo("CHILD_JOB");

    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(id).build());

    assertThat(Failure.of(() -> ann.get(id)).code()).isEqualTo(Code.NOT_FOUND);
    await().untilAsserted(() -> assertThat(kept()).isZero());
  }

  @Test
  void aBatchExpiresWithItsChildren() throws Exception {
    String id = BatchSender.make(ann, "resize", 9).getJob().getId();
    List<HeldJob> works = claimAll(3);
    works.get(0).complete();
    clock.advance(Duration.ofDays(31));
    // The others have lost their leases by now.
    await().untilAsserted(() -> assertThat(children(id)).hasSize(3));
    await()
        .untilAsserted(
            () -> {
              clock.advance(Duration.ofMinutes(1));
              ann.claim(10).forEach(HeldJob::complete);
              assertThat(ann.get(id).getStatus().getState())
                  .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
            });

    clock.advance(Duration.ofDays(31));

    assertThat(Failure.of(() -> ann.get(id)).code()).isEqualTo(Code.NOT_FOUND);
    await().untilAsserted(() -> assertThat(kept()).isZero());
  }

  @Test
  void invalidPartsAreReportedAndLeaveNothingBehind() throws Exception {
    refused("must be sent after the batch", new BatchSender(ann).items(0, 1)::finish);
    refused(
        "must be a batch",
        new BatchSender(ann).send(CreateJobsRequest.getDefaultInstance())::finish);
    refused("batch must be the first message", new BatchSender(ann)::finish);
    refused("must be at least one", new BatchSender(ann).begin("a")::finish);
    refused("must not be empty", new BatchSender(ann).begin("a").items(List.of())::finish);
    refused("spec.type", new BatchSender(ann).begin("")::finish);
    refused(
        "must be sent once, as the first message",
        new BatchSender(ann).begin("a").begin("a")::finish);
    refused(
        "start must not be set",
        new BatchSender(ann)
                .begin(
                    CreateJobRequest.newBuilder()
                        .setSpec(JobSpec.newBuilder().setType("a"))
                        .setStart(StartJob.newBuilder().setWorkerId("w")))
            ::finish);
    refused(
        "must have unique ids", new BatchSender(ann).begin("a").items(0, 2).items(0, 1)::finish);
    await().untilAsserted(() -> assertThat(kept()).isZero());
  }

  @Test
  void errorsNameTheFieldInTheRequest() throws Exception {
    Timestamp past = Times.timestamp(clock.instant().minusSeconds(1));
    JobSpec.Builder spec = JobSpec.newBuilder().setType("a");
    violates(
        "batch.spec.expire_time: must be in the future",
        () -> BatchSender.make(ann, spec.clone().setExpireTime(past), 1));
    violates("batch.items: must be at least one", new BatchSender(ann).begin("a")::finish);
    violates(
        "items.items: must have unique ids within a child",
        new BatchSender(ann).begin("a").items(0, 2).items(0, 1)::finish);
  }

  private static void violates(String violation, Callable<?> call) {
    Failure failure = Failure.of(call);
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations()).containsExactly(violation);
  }

  private static void refused(String message, Callable<?> call) {
    Failure failure = Failure.of(call);
    assertThat(failure.code()).as(failure.message()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.message()).contains(message);
  }

  @Test
  void tooManyItemsForOneJobAreRefusedWithAHint() {
    List<Item> items =
        IntStream.range(0, 2_001).mapToObj(i -> Item.newBuilder().setId("i" + i).build()).toList();
    Failure failure =
        Failure.of(
            () ->
                ann.jobs()
                    .createJob(
                        CreateJobRequest.newBuilder()
                            .setSpec(JobSpec.newBuilder().setType("a"))
                            .addAllItems(items)
                            .build()));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.message()).contains("at most 2000").contains("CreateJobs");
  }
}
