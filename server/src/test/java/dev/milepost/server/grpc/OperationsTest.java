package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.RetryJobRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs as long-running operations: each call, and what it refuses. */
class OperationsTest {
  private final TestServer server = TestServer.start();
  private final TestClient ann = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static String name(String jobId) {
    return "operations/" + jobId;
  }

  private Operation get(String jobId) {
    return ann.operations()
        .getOperation(GetOperationRequest.newBuilder().setName(name(jobId)).build());
  }

  private Object cancel(String jobId) {
    return ann.operations()
        .cancelOperation(CancelOperationRequest.newBuilder().setName(name(jobId)).build());
  }

  private Object delete(String jobId) {
    return ann.operations()
        .deleteOperation(DeleteOperationRequest.newBuilder().setName(name(jobId)).build());
  }

  private static ErrorInfo info(Operation operation) throws InvalidProtocolBufferException {
    return operation.getError().getDetails(0).unpack(ErrorInfo.class);
  }

  @Test
  void aRunningJobShowsItsStatus() throws Exception {
    Job queued = ann.create("a");
    assertThat(get(queued.getId()))
        .isEqualTo(
            Operation.newBuilder()
                .setName(name(queued.getId()))
                .setMetadata(com.google.protobuf.Any.pack(queued.getStatus()))
                .build());

    HeldJob work = ann.start("a");
    work.progress(3, 4);
    Operation running = get(work.jobId());
    assertThat(running.getDone()).isFalse();
    JobStatus status = running.getMetadata().unpack(JobStatus.class);
    assertThat(status).isEqualTo(ann.get(work.jobId()).getStatus());
    assertThat(status.getProgress().getPercent()).isEqualTo(75);

    var unused = cancel(work.jobId());
    assertThat(get(work.jobId()).getDone()).as("it may still succeed").isFalse();
  }

  @Test
  void aSucceededJobIsTheResponse() throws Exception {
    HeldJob work = ann.start("a");
    Job done = work.complete();
    Operation operation = get(work.jobId());
    assertThat(operation.getDone()).isTrue();
    assertThat(operation.getResponse().unpack(Job.class)).isEqualTo(done);
    assertThat(operation.getMetadata().unpack(JobStatus.class)).isEqualTo(done.getStatus());
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, NOT_FOUND",
    "RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED",
    "BROKEN, UNKNOWN",
    "OK, UNKNOWN",
    "CANCELLED, UNKNOWN",
    "UNRECOGNIZED, UNKNOWN"
  })
  void aJobThatFailedIsAnError(String jobCode, com.google.rpc.Code code) throws Exception {
    HeldJob work = ann.start("a");
    work.fail(jobCode, false);
    Operation operation = get(work.jobId());
    assertThat(operation.getDone()).isTrue();
    assertThat(operation.getError().getCode()).isEqualTo(code.getNumber());
    assertThat(operation.getError().getMessage()).isEqualTo("It broke.");
    assertThat(info(operation))
        .isEqualTo(
            ErrorInfo.newBuilder()
                .setReason(jobCode)
                .setDomain("milepost.dev")
                .putMetadata("job_id", work.jobId())
                .putMetadata("attempt", "1")
                .build());
    assertThat(operation.getMetadata().unpack(JobStatus.class).getError().getCode())
        .isEqualTo(jobCode);
  }

  @Test
  void aTimedOutJobIsDeadlineExceeded() throws Exception {
    JobSpec.Builder hasty =
        JobSpec.newBuilder()
            .setType("a")
            .setMaxRetries(0)
            .setTimeouts(
                JobTimeouts.newBuilder()
                    .setQueue(TestClient.seconds(5))
                    .setAttempt(TestClient.seconds(20)));
    String waiting = ann.create(hasty).getId();
    String slow = ann.start(hasty).jobId();
    String lost = ann.start(JobSpec.newBuilder().setType("a").setMaxRetries(0)).jobId();
    server.clock().advance(Duration.ofSeconds(25));
    awaitDone(waiting);
    awaitDone(slow);
    server.clock().advance(Duration.ofSeconds(25));
    awaitDone(lost);
    assertThat(List.of(error(waiting), error(slow), error(lost)))
        .containsExactly(
            "DEADLINE_EXCEEDED QUEUE_TIMEOUT",
            "DEADLINE_EXCEEDED ATTEMPT_TIMEOUT",
            "UNAVAILABLE LEASE_EXPIRED");
  }

  private void awaitDone(String jobId) {
    await().until(() -> get(jobId).getDone());
  }

  private String error(String jobId) throws InvalidProtocolBufferException {
    Operation operation = get(jobId);
    return com.google.rpc.Code.forNumber(operation.getError().getCode())
        + " "
        + info(operation).getReason();
  }

  @Test
  void aCancelledJobIsTheErrorCancelled() throws Exception {
    String waiting = ann.create("a").getId();
    assertThat(cancel(waiting)).isEqualTo(com.google.protobuf.Empty.getDefaultInstance());
    assertThat(cancel(waiting)).as("asked twice").isNotNull();
    assertThat(error(waiting)).isEqualTo("CANCELLED CANCELLED");
    assertThat(get(waiting).getError().getMessage()).isEqualTo("Cancelled by ann.");
    assertThat(get(waiting).getDone()).isTrue();

    HeldJob work = ann.start("a");
    ann.jobs()
        .cancelJob(
            dev.milepost.v1.CancelJobRequest.newBuilder()
                .setJobId(work.jobId())
                .setReason("enough")
                .build());
    work.fail("BROKEN", false);
    assertThat(error(work.jobId())).isEqualTo("CANCELLED BROKEN");
    assertThat(get(work.jobId()).getError().getMessage()).isEqualTo("Cancelled by ann: enough");
  }

  @Test
  void cancellingAsksTheWorkerToStop() {
    HeldJob work = ann.start("a");
    var unused = cancel(work.jobId());
    Job asked = ann.get(work.jobId());
    assertThat(asked.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    assertThat(asked.getStatus().getCancel().getRequestedBy()).isEqualTo("ann");
    assertThat(cancel(work.jobId())).as("asked twice").isNotNull();
    work.complete();
    Failure late = Failure.of(() -> cancel(work.jobId()));
    assertThat(late.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(late.reason()).isEqualTo("INVALID_STATE_TRANSITION");
  }

  @Test
  void deletingDoesNotCancelTheJob() {
    String waiting = ann.create("a").getId();
    Failure refused = Failure.of(() -> delete(waiting));
    assertThat(refused.code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(refused.reason()).isEqualTo("JOB_NOT_FINISHED");
    assertThat(refused.message()).contains("QUEUED", "cancel it first");
    assertThat(refused.info().getMetadataMap()).containsEntry("state", "QUEUED");
    assertThat(refused.detail(PreconditionFailure.class).orElseThrow().getViolations(0))
        .satisfies(violation -> assertThat(violation.getSubject()).isEqualTo(waiting));

    HeldJob work = ann.claim();
    assertThat(work.jobId()).isEqualTo(waiting);
    assertThat(Failure.of(() -> delete(waiting)).code()).isEqualTo(Code.FAILED_PRECONDITION);
    work.complete();
    var unused = delete(waiting);
    assertThat(Failure.of(() -> get(waiting)).code()).isEqualTo(Code.NOT_FOUND);
    assertThat(Failure.of(() -> delete(waiting)).reason()).isEqualTo("JOB_NOT_FOUND");
  }

  @Test
  void aRetriedJobIsNotDone() {
    HeldJob work = ann.start("a");
    work.fail("BROKEN", false);
    assertThat(get(work.jobId()).getDone()).isTrue();
    ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(work.jobId()).build());
    Operation again = get(work.jobId());
    assertThat(again.getDone()).isFalse();
    assertThat(again.hasError()).isFalse();
  }

  private static WaitOperationRequest.Builder waiting(String jobId) {
    return WaitOperationRequest.newBuilder().setName(name(jobId));
  }

  private PendingCall<WaitOperationRequest, Operation> waitFor(
      WaitOperationRequest.Builder request) {
    return PendingCall.call(ann.operationsAsync()::waitOperation, request.build());
  }

  /** The report interval that a worker receives shows whether the job is watched. */
  private static void awaitWatched(HeldJob work) {
    await().until(() -> work.heartbeat().getMinReportInterval().getSeconds() == 0);
  }

  @Test
  void aWaitEndsWithTheJob() throws Exception {
    HeldJob work = ann.start("a");
    PendingCall<WaitOperationRequest, Operation> unbounded = waitFor(waiting(work.jobId()));
    PendingCall<WaitOperationRequest, Operation> veryLong =
        waitFor(waiting(work.jobId()).setTimeout(TestClient.seconds(1_000_000)));
    awaitWatched(work);
    assertThat(unbounded).isNotDone();
    work.complete();
    assertThat(unbounded.soon()).isEqualTo(get(work.jobId()));
    assertThat(veryLong.soon()).isEqualTo(get(work.jobId()));
    assertThat(waitFor(waiting(work.jobId())).soon().getDone()).isTrue();
  }

  @Test
  void aWaitEndsWithItsTimeout() throws Exception {
    String id = ann.start("a").jobId();
    assertThat(waitFor(waiting(id).setTimeout(TestClient.seconds(0))).soon()).isEqualTo(get(id));
    com.google.protobuf.Duration aMoment =
        com.google.protobuf.Duration.newBuilder().setNanos(50_000_000).build();
    assertThat(waitFor(waiting(id).setTimeout(aMoment)).soon().getDone()).isFalse();
  }

  @Test
  void aWaitReturnsBeforeTheDeadlineOfTheCall() {
    String id = ann.start("a").jobId();
    Operation operation =
        ann.operations()
            .withDeadlineAfter(4, TimeUnit.SECONDS)
            .waitOperation(waiting(id).setTimeout(TestClient.seconds(60)).build());
    assertThat(operation.getDone()).isFalse();
    assertThat(operation).isEqualTo(get(id));
  }

  @Test
  void aWaitEndsWhenTheJobIsDeleted() {
    HeldJob work = ann.start("a");
    PendingCall<WaitOperationRequest, Operation> wait = waitFor(waiting(work.jobId()));
    awaitWatched(work);
    work.release("later");
    ann.jobs()
        .deleteJob(dev.milepost.v1.DeleteJobRequest.newBuilder().setJobId(work.jobId()).build());
    assertThat(Failure.of(wait::soon).reason()).isEqualTo("JOB_NOT_FOUND");
  }

  @Test
  void anInvalidTimeoutIsRefused() {
    String id = ann.create("a").getId();
    Failure failure =
        Failure.of(
            () ->
                ann.operations()
                    .waitOperation(waiting(id).setTimeout(TestClient.seconds(-1)).build()));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations()).singleElement().asString().startsWith("timeout: must be 0 s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "operations", "operations/", "operations/a/b", "jobs/a", "a"})
  void aNameConsistsOfTheCollectionAndAnId(String bad) {
    for (Failure failure :
        List.of(
            Failure.of(
                () ->
                    ann.operations()
                        .getOperation(GetOperationRequest.newBuilder().setName(bad).build())),
            Failure.of(
                () ->
                    ann.operations()
                        .waitOperation(WaitOperationRequest.newBuilder().setName(bad).build())),
            Failure.of(
                () ->
                    ann.operations()
                        .cancelOperation(CancelOperationRequest.newBuilder().setName(bad).build())),
            Failure.of(
                () ->
                    ann.operations()
                        .deleteOperation(
                            DeleteOperationRequest.newBuilder().setName(bad).build())))) {
      assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(failure.violations()).singleElement().asString().startsWith("name: must be ");
    }
  }

  private static ListOperationsResponse list(
      TestClient who, ListOperationsRequest.Builder request) {
    return who.operations().listOperations(request.build());
  }

  private static List<String> names(ListOperationsResponse response) {
    return response.getOperationsList().stream().map(Operation::getName).toList();
  }

  @Test
  void operationsAreListedInPagesNewestFirst() {
    List<String> newestFirst = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      newestFirst.add(0, name(ann.create("a").getId()));
      server.clock().advance(Duration.ofSeconds(1));
    }
    ListOperationsRequest.Builder request =
        ListOperationsRequest.newBuilder().setName("operations").setPageSize(2);
    List<String> listed = new ArrayList<>();
    String token = "";
    do {
      ListOperationsResponse page = list(ann, request.setPageToken(token));
      listed.addAll(names(page));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(listed).isEqualTo(newestFirst);
    assertThat(list(ann, ListOperationsRequest.newBuilder()).getOperationsList())
        .hasSize(5)
        .contains(get(newestFirst.get(0).substring("operations/".length())));
  }

  @Test
  void operationsAreListedByState() {
    String queued = ann.create("a").getId();
    String running = ann.start("a").jobId();
    HeldJob work = ann.start("a");
    work.complete();
    assertThat(filtered("done = true")).containsExactly(name(work.jobId()));
    assertThat(filtered("done = false")).containsExactlyInAnyOrder(name(queued), name(running));
    assertThat(filtered("metadata.state = JOB_STATE_RUNNING")).containsExactly(name(running));
    assertThat(filtered("done = true AND done = false")).isEmpty();
  }

  private List<String> filtered(String filter) {
    return names(list(ann, ListOperationsRequest.newBuilder().setFilter(filter)));
  }

  @Test
  void unsupportedListOptionsAreRefused() {
    ListOperationsRequest.Builder bad =
        ListOperationsRequest.newBuilder()
            .setName("tenants/a/operations")
            .setFilter("metadata.stage.name = Hashing")
            .setPageSize(-1);
    Failure failure = Failure.of(() -> list(ann, bad));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations())
        .satisfiesExactly(
            name -> assertThat(name).isEqualTo("name: must be operations"),
            filter -> assertThat(filter).startsWith("filter: must be empty or comparisons"),
            size -> assertThat(size).startsWith("page_size: must not be negative"));
    assertThat(
            Failure.of(() -> list(ann, ListOperationsRequest.newBuilder().setPageToken("x")))
                .violations())
        .singleElement()
        .asString()
        .startsWith("page_token: ");
  }

  @Test
  void aPageTokenIsValidForItsCallerAndRequestOnly() {
    ann.create("a");
    ann.create("a");
    ListOperationsRequest.Builder first = ListOperationsRequest.newBuilder().setPageSize(1);
    ListOperationsRequest.Builder next = first.setPageToken(list(ann, first).getNextPageToken());
    assertThat(list(ann, next).getOperationsCount()).isEqualTo(1);
    assertThat(Failure.of(() -> list(ann.as("bob"), next)).code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(Failure.of(() -> list(ann, next.setFilter("done = false"))).code())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void listedOperationsAreFoundByTheirNames() {
    String here = ann.create("a").getId();
    String there = ann.of("elsewhere").create("a").getId();
    TestClient admin = ann.as("eve").in("ADMIN");
    assertThat(names(list(admin, ListOperationsRequest.newBuilder()))).containsExactly(name(here));
    TestClient away = admin.of("elsewhere");
    assertThat(names(list(away, ListOperationsRequest.newBuilder()))).containsExactly(name(there));
    assertThat(
            away.operations()
                .getOperation(GetOperationRequest.newBuilder().setName(name(there)).build())
                .getName())
        .isEqualTo(name(there));
  }
}
