package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.DeleteJobsResponse;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.RetryJobsRequest;
import dev.milepost.v1.RetryJobsResponse;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Retries and deletes many jobs with one call, and counts them before. */
class BulkJobsTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static JobFilter.Builder type(String type) {
    return JobFilter.newBuilder().addTypes(type);
  }

  private static RetryJobsResponse retry(TestClient client, JobFilter.Builder filter) {
    return client.jobs().retryJobs(RetryJobsRequest.newBuilder().setFilter(filter).build());
  }

  private static DeleteJobsResponse delete(TestClient client, JobFilter.Builder filter) {
    return client.jobs().deleteJobs(DeleteJobsRequest.newBuilder().setFilter(filter).build());
  }

  private static ListJobsRequest all() {
    return ListJobsRequest.getDefaultInstance();
  }

  private JobState state(String id) {
    return ann.get(id).getStatus().getState();
  }

  @Test
  void retriesWhatFailedOrWasCancelled() {
    HeldJob failed = ann.start("a");
    failed.fail("BROKEN", false);
    HeldJob succeeded = ann.start("a");
    succeeded.complete();
    HeldJob runs = ann.start("a");
    HeldJob elsewhere = ann.start("b");
    elsewhere.fail("BROKEN", false);

    assertThat(retry(ann, type("a")).getCount()).isEqualTo(1);

    assertThat(state(failed.jobId())).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(state(succeeded.jobId())).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(state(runs.jobId())).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(state(elsewhere.jobId())).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(retry(ann, type("a")).getCount()).as("again").isZero();
    assertThat(retry(ann, type("a").addStates(JobState.JOB_STATE_SUCCEEDED)).getCount()).isZero();
  }

  @Test
  void aFinishedBatchIsRetriedAsAWholeAndItsChildrenAreNotCounted() throws Exception {
    String batch = new BatchSender(ann).begin("a").items(0, 3).finish().getJob().getId();
    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(batch).build());
    await().until(() -> state(batch) == JobState.JOB_STATE_CANCELLED);

    assertThat(retry(ann, type("a")).getCount()).isEqualTo(1);

    assertThat(state(batch)).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void deletesWhatDoesNotRunAndCountsWhatDoes() {
    String waits = ann.create("a").getId();
    HeldJob done = ann.start("a");
    done.complete();
    HeldJob runs = ann.start("a");
    String other = ann.create("b").getId();
    DeleteJobsRequest request = DeleteJobsRequest.newBuilder().setFilter(type("a")).build();
    DeleteJobsResponse expected =
        DeleteJobsResponse.newBuilder().setCount(2).setSkippedCount(1).build();

    assertThat(ann.jobs().deleteJobs(request.toBuilder().setValidateOnly(true).build()))
        .isEqualTo(expected);
    assertThat(state(waits)).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(ann.jobs().deleteJobs(request)).isEqualTo(expected);

    assertThat(Failure.of(() -> ann.get(waits)).code()).isEqualTo(Code.NOT_FOUND);
    assertThat(Failure.of(() -> ann.get(done.jobId())).code()).isEqualTo(Code.NOT_FOUND);
    assertThat(state(other)).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(delete(ann, type("a")))
        .as("again")
        .isEqualTo(DeleteJobsResponse.newBuilder().setSkippedCount(1).build());
    runs.complete();
    assertThat(delete(ann, type("a")).getCount()).isEqualTo(1);
  }

  @Test
  void runningJobsAreCancelledIfToldSoAndDeletedByTheNextCall() {
    HeldJob runs = ann.start("a");
    DeleteJobsRequest request =
        DeleteJobsRequest.newBuilder().setFilter(type("a")).setCancelRunning(true).build();

    assertThat(ann.jobs().deleteJobs(request))
        .isEqualTo(DeleteJobsResponse.newBuilder().setCancelledCount(1).build());
    assertThat(ann.jobs().deleteJobs(request))
        .as("before it has ended")
        .isEqualTo(DeleteJobsResponse.newBuilder().setSkippedCount(1).build());
    runs.confirmCancel();
    assertThat(ann.jobs().deleteJobs(request))
        .isEqualTo(DeleteJobsResponse.newBuilder().setCount(1).build());
  }

  @Test
  void aBatchIsDeletedWithItsChildrenAndCountsAsOne() throws Exception {
    String batch = new BatchSender(ann).begin("a").items(0, 3).finish().getJob().getId();

    assertThat(delete(ann, type("a").setKind(JobKind.JOB_KIND_SINGLE)))
        .as("children alone")
        .isEqualTo(DeleteJobsResponse.getDefaultInstance());
    ann.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(batch).build());
    await().until(() -> state(batch) == JobState.JOB_STATE_CANCELLED);
    assertThat(delete(ann, type("a")))
        .isEqualTo(DeleteJobsResponse.newBuilder().setCount(1).build());
    await().until(() -> ann.jobs().listJobs(all()).getJobsCount() == 0);
  }

  @Test
  void countsWhatACallWouldChange() {
    for (int i = 0; i < 250; i++) {
      ann.create("a");
    }
    CancelJobsRequest cancel =
        CancelJobsRequest.newBuilder().setFilter(type("a")).setValidateOnly(true).build();
    assertThat(ann.jobs().cancelJobs(cancel).getCount()).isEqualTo(250);
    assertThat(ann.jobs().cancelJobs(cancel).getCount()).as("nothing changed").isEqualTo(250);
    ann.jobs().cancelJobs(cancel.toBuilder().setValidateOnly(false).build());
    RetryJobsRequest retry =
        RetryJobsRequest.newBuilder().setFilter(type("a")).setValidateOnly(true).build();
    assertThat(ann.jobs().retryJobs(retry).getCount()).isEqualTo(250);
    assertThat(ann.jobs().cancelJobs(cancel).getCount()).isZero();
  }

  @Test
  void deletionNeedsAFilterAndForeignJobsAreNeverTouched() {
    HeldJob foreign = ann.as("bob").start("a");
    foreign.fail("BROKEN", false);
    assertThat(
            Failure.of(() -> ann.jobs().deleteJobs(DeleteJobsRequest.getDefaultInstance()))
                .violations())
        .containsExactly("filter: must set at least one field, such as user_id");
    assertThat(Failure.of(() -> delete(ann, JobFilter.newBuilder().setUserId("bob"))).code())
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(delete(ann, type("a"))).isEqualTo(DeleteJobsResponse.getDefaultInstance());
    assertThat(retry(ann, type("a"))).isEqualTo(RetryJobsResponse.getDefaultInstance());
    assertThat(retry(ann.as("op").in("OPERATOR"), type("a")).getCount()).isEqualTo(1);
  }
}
