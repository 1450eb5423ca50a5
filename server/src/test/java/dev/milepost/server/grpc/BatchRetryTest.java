package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryFailedItemsResponse;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Retries the failed items of a whole batch in a new batch. */
class BatchRetryTest {
  private final TestServer server =
      TestServer.start(Map.of("milepost.limits.batch-items-per-job", 3));
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static Item item(String id) {
    return Item.newBuilder().setId(id).setProjectId("p").build();
  }

  /** Creates a batch of three children, in which each item whose id begins with x fails. */
  private String finished() throws Exception {
    JobSpec.Builder spec = JobSpec.newBuilder().setType("resize").setMaxRetries(0);
    CreateJobsResponse made =
        new BatchSender(ann)
            .begin(CreateJobRequest.newBuilder().setSpec(spec))
            .items(List.of(item("a"), item("x1"), item("x2")))
            .items(List.of(item("x1"), item("b"), item("c")))
            .items(List.of(item("x3"), item("x4"), item("x5")))
            .finish();
    List<HeldJob> children = new ArrayList<>();
    await().until(() -> children.addAll(ann.claim(10)) && children.size() == 3);
    for (HeldJob child : children) {
      Report.Builder report = Report.newBuilder();
      for (Item item : items(child.jobId())) {
        report.addItems(
            Item.newBuilder()
                .setId(item.getId())
                .setState(
                    item.getId().startsWith("x")
                        ? ItemState.ITEM_STATE_FAILED
                        : ItemState.ITEM_STATE_DONE));
      }
      child.report(report);
      child.complete();
    }
    String id = made.getJob().getId();
    await().until(() -> ann.get(id).getStatus().getState() == JobState.JOB_STATE_SUCCEEDED);
    return id;
  }

  private List<Item> items(String id) {
    return ann.jobs()
        .listItems(ListItemsRequest.newBuilder().setJobId(id).setPageSize(1_000).build())
        .getItemsList();
  }

  private static RetryFailedItemsResponse retry(TestClient client, String id, String requestId) {
    return client
        .jobs()
        .retryFailedItems(
            RetryFailedItemsRequest.newBuilder().setJobId(id).setRequestId(requestId).build());
  }

  @Test
  void theNewBatchHasTheFailedItemsOfAllChildren() throws Exception {
    String finished = finished();

    RetryFailedItemsResponse made = retry(ann, finished, "");

    assertThat(made.getCreated()).isTrue();
    Job batch = made.getJob();
    assertThat(batch.getKind()).isEqualTo(JobKind.JOB_KIND_BATCH);
    assertThat(batch.getRetriedJobId()).isEqualTo(finished);
    assertThat(batch.getSpec().getTrigger()).isEqualTo(JobTrigger.JOB_TRIGGER_RETRY);
    assertThat(batch.getStatus().getItemCounts().getPending()).isEqualTo(6);
    assertThat(items(batch.getId()))
        .as("two children had an item x1")
        .extracting(Item::getId)
        .containsExactlyInAnyOrder("x1", "x2", "x1", "x3", "x4", "x5");
    assertThat(items(batch.getId()))
        .allMatch(item -> item.getState() == ItemState.ITEM_STATE_PENDING)
        .allMatch(item -> item.getProjectId().equals("p"));
    assertThat(ann.get(finished).getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    List<HeldJob> claimed = new ArrayList<>();
    await().until(() -> claimed.addAll(ann.claim(10)) && claimed.size() == 3);
  }

  @Test
  void aRepeatedRequestCreatesOneBatch() throws Exception {
    String finished = finished();
    Job first = retry(ann, finished, "r-1").getJob();

    RetryFailedItemsResponse again = retry(ann, finished, "r-1");

    assertThat(again.getCreated()).isFalse();
    assertThat(again.getJob().getId()).isEqualTo(first.getId());
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(finished).build());
    await().until(() -> Failure.of(() -> ann.get(finished)).code() == Code.NOT_FOUND);
    assertThat(retry(ann, finished, "r-1").getJob().getId()).isEqualTo(first.getId());
  }

  @Test
  void anUnfinishedOrForeignBatchIsRefused() throws Exception {
    String open = BatchSender.make(ann, "a", 2).getJob().getId();

    Failure unfinished = Failure.of(() -> retry(ann, open, ""));

    assertThat(unfinished.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(unfinished.reason()).isEqualTo("JOB_NOT_FINISHED");
    assertThat(Failure.of(() -> retry(ann.as("bob"), open, "")).code()).isEqualTo(Code.NOT_FOUND);
  }
}
