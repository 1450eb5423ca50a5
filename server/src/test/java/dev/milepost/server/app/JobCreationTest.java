package dev.milepost.server.app;

import static dev.milepost.server.app.UseCases.ANN;
import static dev.milepost.server.app.UseCases.BOB;
import static dev.milepost.server.store.StoreHarness.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.job.Refusal;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.StartJob;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Creates jobs without a server. */
class JobCreationTest {
  private final UseCases app = new UseCases();

  @AfterEach
  void close() {
    app.close();
  }

  private static CreateJobRequest.Builder request() {
    return CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType("sync"));
  }

  private CreateJobResponse create(CreateJobRequest.Builder request) {
    return await(app.creation.create(ANN, request.build()));
  }

  @Test
  void aRequestIdCreatesOneJob() {
    CreateJobResponse first = create(request().setRequestId("r1"));
    CreateJobResponse second = create(request().setRequestId("r1"));
    assertThat(first.getCreated()).isTrue();
    assertThat(second.getCreated()).isFalse();
    assertThat(second.getJob()).isEqualTo(first.getJob());
  }

  @Test
  void aRequestIdIsForgottenAfterADay() {
    CreateJobResponse first = create(request().setRequestId("r1"));
    app.clock.advance(Duration.ofHours(25));
    assertThat(create(request().setRequestId("r1")).getJob().getId())
        .isNotEqualTo(first.getJob().getId());
  }

  @Test
  void aReusedRequestIdNamesTheFieldsThatDiffer() {
    create(request().setRequestId("r1"));
    assertThatThrownBy(() -> create(request().setRequestId("r1").setUserId("ann")))
        .isInstanceOf(Refusal.RequestIdReused.class)
        .hasMessageContaining("user_id");
  }

  @Test
  void aRequestIdBelongsToItsUser() {
    CreateJobResponse first = create(request().setRequestId("r1"));
    CreateJobResponse other = await(app.creation.create(BOB, request().setRequestId("r1").build()));
    assertThat(other.getCreated()).isTrue();
    assertThat(other.getJob().getId()).isNotEqualTo(first.getJob().getId());
  }

  @Test
  void aStartedJobComesWithAGrant() {
    CreateJobResponse started =
        create(request().setRequestId("r1").setStart(StartJob.newBuilder().setWorkerId("w")));
    assertThat(started.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(started.getGrant().getAttemptToken()).isNotEmpty();
    assertThat(started.getGrant().getAttempt()).isEqualTo(1);
  }

  @Test
  void aTakenIdIsRefused() {
    create(request().setJobId("nightly"));
    assertThatThrownBy(() -> create(request().setJobId("nightly")))
        .isInstanceOf(Refusal.JobAlreadyExists.class);
  }

  @Test
  void aFullTenantIsRefusedButARepeatedRequestIsAnswered() {
    CreateJobResponse first = create(request().setRequestId("r0"));
    for (int i = 1; i < UseCases.TENANT_JOBS; i++) {
      create(request());
    }
    assertThatThrownBy(() -> create(request()))
        .isInstanceOf(LimitException.class)
        .hasMessageContaining("limit of " + UseCases.TENANT_JOBS + " jobs");
    assertThat(create(request().setRequestId("r0")).getJob()).isEqualTo(first.getJob());
  }

  @Test
  void anInvalidRequestNamesItsField() {
    assertThatThrownBy(() -> create(request().setJobId("a b")))
        .isInstanceOf(Refusal.InvalidArgument.class)
        .hasMessageStartingWith("job_id ");
  }
}
