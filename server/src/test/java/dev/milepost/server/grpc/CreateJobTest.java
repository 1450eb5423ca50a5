package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.job.Times;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobResponse;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.StartJob;
import io.grpc.Status.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Creates jobs: once for each request_id. */
class CreateJobTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static CreateJobRequest.Builder request(String type) {
    return CreateJobRequest.newBuilder().setSpec(JobSpec.newBuilder().setType(type));
  }

  private CreateJobResponse create(CreateJobRequest.Builder request) {
    return ann.jobs().createJob(request.build());
  }

  private long jobs() {
    return ann.jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal();
  }

  @Test
  void aNewJobIsQueuedWithDefaults() {
    CreateJobResponse created = create(request("resize"));
    assertThat(created.getCreated()).isTrue();
    assertThat(created.hasGrant()).isFalse();
    assertThat(created.getJob().getTenantId()).isEqualTo("default");
    assertThat(created.getJob().getUserId()).isEqualTo("ann");
    assertThat(created.getJob().getSpec().getPriority()).isEqualTo(50);
    assertThat(created.getJob().getSpec().getScope()).isEqualTo(JobScope.JOB_SCOPE_ITEM_SET);
    assertThat(created.getJob().getSpec().getTrigger()).isEqualTo(JobTrigger.JOB_TRIGGER_API);
    assertThat(created.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(ann.get(created.getJob().getId())).isEqualTo(created.getJob());
  }

  @Test
  void aRepeatedRequestCreatesNothing() {
    CreateJobResponse first = create(request("resize").setRequestId("r1"));
    CreateJobResponse second = create(request("resize").setRequestId("r1"));
    assertThat(first.getCreated()).isTrue();
    assertThat(second.getCreated()).isFalse();
    assertThat(second.getJob()).isEqualTo(first.getJob());
    assertThat(jobs()).isEqualTo(1);
  }

  @Test
  void aRepetitionAfterTheJobWasDeletedSaysSo() {
    Job first = create(request("resize").setRequestId("r1")).getJob();
    ann.jobs().deleteJob(DeleteJobRequest.newBuilder().setJobId(first.getId()).build());
    Failure failure = Failure.of(() -> create(request("resize").setRequestId("r1")));
    assertThat(failure.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(failure.reason()).isEqualTo("CREATED_JOB_DELETED");
    assertThat(failure.message()).contains(first.getId(), "another request_id");
    assertThat(create(request("resize").setRequestId("r2")).getCreated()).isTrue();
  }

  @Test
  void aJobCannotExpireBeforeItExists() {
    Instant now = server.clock().instant();
    for (Instant past : List.of(Instant.EPOCH, now.minusSeconds(10), now)) {
      Failure failure = Failure.of(() -> create(expiring(past)));
      assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(failure.violations()).containsExactly("spec.expire_time: must be in the future");
    }
    CreateJobRequest.Builder late = expiring(now.plusSeconds(60));
    late.getSpecBuilder().setNotBeforeTime(Times.timestamp(now.plusSeconds(60)));
    assertThat(Failure.of(() -> create(late)).violations())
        .containsExactly("spec.expire_time: must be after spec.not_before_time");
    assertThat(jobs()).isZero();
  }

  @Test
  void aRepetitionAfterTheExpireTimeGetsTheFirstResult() {
    Instant soon = server.clock().instant().plusSeconds(5);
    CreateJobRequest.Builder request =
        expiring(soon).setRequestId("r1").setStart(StartJob.newBuilder().setWorkerId("w"));
    Job first = create(request).getJob();
    server.clock().advance(Duration.ofSeconds(10));
    CreateJobResponse second = create(request);
    assertThat(second.getCreated()).isFalse();
    assertThat(second.getJob().getId()).isEqualTo(first.getId());
  }

  private static CreateJobRequest.Builder expiring(Instant time) {
    return CreateJobRequest.newBuilder()
        .setSpec(JobSpec.newBuilder().setType("resize").setExpireTime(Times.timestamp(time)));
  }

  @Test
  void aRequestIdBelongsToItsUser() {
    create(request("resize").setRequestId("r1"));
    assertThat(
            ann.as("bob")
                .jobs()
                .createJob(request("other").setRequestId("r1").build())
                .getCreated())
        .isTrue();
  }

  @Test
  void aRequestIdIsForgottenAfterADay() {
    create(request("resize").setRequestId("r1"));
    server.clock().advance(Duration.ofHours(24));
    assertThat(create(request("other").setRequestId("r1")).getCreated()).isTrue();
  }

  @Test
  void aReusedRequestIdNamesTheFieldsThatDiffer() {
    create(request("resize").setRequestId("r1"));
    CreateJobRequest other =
        request("secret-type").setRequestId("r1").addItems(Item.newBuilder().setId("i")).build();
    Failure failure = Failure.of(() -> ann.jobs().createJob(other));
    assertThat(failure.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(failure.reason()).isEqualTo("REQUEST_ID_REUSED");
    assertThat(failure.info().getMetadataMap()).containsEntry("fields", "items,spec.type");
    assertThat(failure.details().toString()).doesNotContain("secret-type");
    assertThat(jobs()).isEqualTo(1);
  }

  @Test
  void aCallersJobIdCanBeUsedOnce() {
    assertThat(create(request("resize").setJobId("mine")).getJob().getId()).isEqualTo("mine");
    Failure failure = Failure.of(() -> create(request("resize").setJobId("mine")));
    assertThat(failure.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(failure.reason()).isEqualTo("JOB_ALREADY_EXISTS");
    assertThat(
            ann.of("other")
                .jobs()
                .createJob(request("resize").setJobId("mine").build())
                .getCreated())
        .isTrue();
  }

  private Duration heartbeatInterval(Duration cancelGrace) {
    CreateJobRequest.Builder request =
        request("resize").setStart(StartJob.newBuilder().setWorkerId("me"));
    request.getSpecBuilder().getTimeoutsBuilder().setCancelGrace(Times.duration(cancelGrace));
    return Times.duration(create(request).getGrant().getHeartbeatInterval());
  }

  @Test
  void heartbeatsAreFrequentEnoughToLearnOfACancelWithinTheGrace() {
    assertThat(heartbeatInterval(Duration.ofMinutes(5))).hasSeconds(10);
    assertThat(heartbeatInterval(Duration.ofSeconds(6))).hasSeconds(2);
    assertThat(heartbeatInterval(Duration.ofSeconds(1))).hasMillis(500);
  }

  @Test
  void aJobStartedOnCreationIsHeldByItsCreator() {
    CreateJobRequest.Builder request =
        request("resize").setRequestId("r1").setStart(StartJob.newBuilder().setWorkerId("me"));
    CreateJobResponse created = create(request);
    assertThat(created.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(created.getJob().getStatus().getAttempt()).isEqualTo(1);
    assertThat(created.getGrant().getAttemptToken()).isNotEmpty();
    assertThat(created.getGrant().getLease()).isEqualTo(TestClient.seconds(30));
    assertThat(created.getGrant().getHeartbeatInterval()).isEqualTo(TestClient.seconds(10));
    assertThat(ann.journal(created.getJob().getId()))
        .extracting(JournalEntry::getSequence)
        .containsExactly(1L, 2L);

    CreateJobResponse repeated = create(request);
    assertThat(repeated.getCreated()).isFalse();
    assertThat(repeated.getGrant()).isEqualTo(created.getGrant());

    HeldJob work = new HeldJob(ann, created.getJob().getId(), created.getGrant().getAttemptToken());
    assertThat(work.progress(1, 2).getCommittedSeq()).isZero();
    work.complete();
    CreateJobResponse late = create(request);
    assertThat(late.hasGrant()).isFalse();
    assertThat(late.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aDelayedJobCannotStartImmediately() {
    long later = server.clock().instant().plusSeconds(60).getEpochSecond();
    CreateJobRequest.Builder request =
        request("resize").setStart(StartJob.newBuilder().setWorkerId("me"));
    request.getSpecBuilder().getNotBeforeTimeBuilder().setSeconds(later);
    Failure failure = Failure.of(() -> create(request));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations())
        .singleElement()
        .asString()
        .startsWith("spec.not_before_time: ");
    assertThat(jobs()).isZero();
  }

  @Test
  void itemsAreCreatedWithTheJob() {
    CreateJobResponse created =
        create(
            request("resize")
                .addItems(Item.newBuilder().setId("b").setState(ItemState.ITEM_STATE_DONE))
                .addItems(Item.newBuilder().setId("a")));
    assertThat(created.getJob().getStatus().getItemCounts().getPending()).isEqualTo(1);
    assertThat(created.getJob().getStatus().getItemCounts().getDone()).isEqualTo(1);
    assertThat(
            ann.jobs()
                .listItems(ListItemsRequest.newBuilder().setJobId(created.getJob().getId()).build())
                .getItemsList())
        .extracting(Item::getId)
        .containsExactly("a", "b");
  }

  @Test
  void onlyAnOperatorCreatesJobsForOtherUsers() {
    CreateJobRequest forBob = request("resize").setUserId("bob").build();
    Failure failure = Failure.of(() -> ann.jobs().createJob(forBob));
    assertThat(failure.code()).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(failure.reason()).isEqualTo("PERMISSION_DENIED");
    assertThat(ann.in("OPERATOR").jobs().createJob(forBob).getJob().getUserId()).isEqualTo("bob");
    assertThat(jobs()).isZero();
    assertThat(ann.as("bob").jobs().countJobs(CountJobsRequest.getDefaultInstance()).getTotal())
        .isEqualTo(1);
  }
}
