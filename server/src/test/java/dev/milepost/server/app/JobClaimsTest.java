package dev.milepost.server.app;

import static dev.milepost.server.app.UseCases.ANN;
import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.Refusal;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.ClaimJobsResponse;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Claims jobs without a server. */
class JobClaimsTest {
  private final UseCases app = new UseCases();

  @AfterEach
  void close() {
    app.close();
  }

  /** Records the reply to one claim. */
  private static final class Reply extends CompletableFuture<ClaimJobsResponse>
      implements ClaimReply {
    private volatile boolean cancelled;

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void send(ClaimJobsResponse response) {
      complete(response);
    }

    @Override
    public void fail(Throwable reason) {
      completeExceptionally(reason);
    }
  }

  private static ClaimJobsRequest.Builder request(long waitSeconds) {
    return ClaimJobsRequest.newBuilder()
        .setWorkerId("w")
        .addTypes("sync")
        .setWait(Duration.newBuilder().setSeconds(waitSeconds));
  }

  private WaitingClaim begin(ClaimJobsRequest.Builder request, Reply reply) {
    WaitingClaim claim = app.claims.claim(ANN, request.build(), reply);
    claim.begin();
    return claim;
  }

  private Job create(String type) {
    CreateJobRequest request =
        CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType(type)).build();
    return await(app.creation.create(ANN, request)).getJob();
  }

  private JobState state(String jobId) {
    return await(app.store.get(List.of(new JobKey("acme", jobId))))
        .jobs()
        .get(0)
        .getJob()
        .getStatus()
        .getState();
  }

  @Test
  void aQueuedJobIsClaimedAtOnce() {
    Job job = create("sync");
    Reply reply = new Reply();
    begin(request(0), reply);
    assertThat(await(reply).getJobs(0).getJob().getId()).isEqualTo(job.getId());
    assertThat(state(job.getId())).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void withoutAWaitTheAnswerIsEmpty() {
    Reply reply = new Reply();
    WaitingClaim claim = begin(request(0), reply);
    assertThat(claim.mayWait()).isFalse();
    assertThat(await(reply).getJobsCount()).isZero();
  }

  @Test
  void anArrivalOfItsTypeWakesAWaitingClaim() {
    Reply reply = new Reply();
    begin(request(60), reply);
    create("other");
    assertThat(reply).isNotDone();
    Job job = create("sync");
    assertThat(await(reply).getJobs(0).getJob().getId()).isEqualTo(job.getId());
  }

  @Test
  void aCancelledClaimTakesNothing() {
    Reply reply = new Reply();
    begin(request(60), reply).cancel();
    Job job = create("sync");
    assertThat(state(job.getId())).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(reply).isNotDone();
  }

  @Test
  void jobsOfAWorkerThatIsGoneAreReleased() {
    Job job = create("sync");
    Reply reply = new Reply();
    reply.cancelled = true;
    begin(request(0), reply);
    Awaitility.await().until(() -> state(job.getId()) == JobState.JOB_STATE_QUEUED);
    assertThat(reply).isNotDone();
  }

  @Test
  void aFailedClaimReportsItsReason() {
    Reply reply = new Reply();
    begin(request(60), reply).fail(new IllegalStateException("expired credential"));
    assertThatThrownBy(() -> await(reply)).hasMessage("expired credential");
  }

  @Test
  void aRepeatedRequestGetsTheSameJobs() {
    create("sync");
    Reply first = new Reply();
    begin(request(0).setRequestId("r1"), first);
    Reply second = new Reply();
    begin(request(0).setRequestId("r1"), second);
    assertThat(await(second)).isEqualTo(await(first));
  }

  @Test
  void anInvalidRequestIsRefusedBeforeItStarts() {
    assertThatThrownBy(() -> app.claims.claim(ANN, request(61).build(), new Reply()))
        .isInstanceOf(Refusal.InvalidArgument.class)
        .hasMessageStartingWith("wait ");
  }
}
