package dev.milepost.server.boundary;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.CancelJobsRequest;
import dev.milepost.v1.CancelTaskRequest;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.CleanupJobsRequest;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.ConfirmCancelRequest;
import dev.milepost.v1.CountJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.CreateJobsRequest;
import dev.milepost.v1.DeleteJobRequest;
import dev.milepost.v1.DeleteJobsRequest;
import dev.milepost.v1.EraseUserRequest;
import dev.milepost.v1.ExplainJobRequest;
import dev.milepost.v1.ExportJobsRequest;
import dev.milepost.v1.FailJobRequest;
import dev.milepost.v1.GetCallerRequest;
import dev.milepost.v1.GetJobRequest;
import dev.milepost.v1.GetOutcomeRequest;
import dev.milepost.v1.GetProgressRequest;
import dev.milepost.v1.GetServerInfoRequest;
import dev.milepost.v1.GetStatsRequest;
import dev.milepost.v1.GetTaskRequest;
import dev.milepost.v1.HeartbeatRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemList;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.JobError;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobGroup;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJournalRequest;
import dev.milepost.v1.ListSharesRequest;
import dev.milepost.v1.ListTaskDefinitionsRequest;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.ListWorkersRequest;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Progress;
import dev.milepost.v1.ReleaseJobRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.ReportStreamRequest;
import dev.milepost.v1.RetryBackoff;
import dev.milepost.v1.RetryFailedItemsRequest;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.RetryJobsRequest;
import dev.milepost.v1.ShareJobRequest;
import dev.milepost.v1.Stage;
import dev.milepost.v1.StartJob;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.UnshareJobRequest;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.WaitJobRequest;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchStatsRequest;
import dev.milepost.v1.WatchTaskRequest;
import dev.milepost.v1.Webhook;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A valid request of each method, with every field set that may be set together, on jobs of its own
 * in the state that the method needs.
 */
final class Samples {
  private static final String TYPE = "boundary";

  /** Name of a task definition of the server. */
  static final String TASK = "publish";

  private final TestClient client;
  private final Instant now;
  private int ids;

  Samples(TestClient client, Instant now) {
    this.client = client;
    this.now = now;
  }

  /** Returns makers of samples: one for each valid form of the request. */
  List<Supplier<Sample>> of(String method) {
    return switch (method) {
      case "CreateJob" -> List.of(() -> Sample.of(create(false)), () -> Sample.of(create(true)));
      case "CreateJobs" -> List.of(() -> batch(0), () -> batch(1));
      case "GetJob" -> about(id -> GetJobRequest.newBuilder().setJobId(id).build());
      case "BatchGetJobs" -> about(id -> BatchGetJobsRequest.newBuilder().addJobIds(id).build());
      case "ListJobs" -> just(ListJobsRequest.newBuilder().setFilter(filter()).setPageSize(2));
      case "CountJobs" ->
          just(
              CountJobsRequest.newBuilder()
                  .setFilter(countable())
                  .addGroupBy(JobGroup.JOB_GROUP_STATE));
      case "UpdateJob" -> about(this::update);
      case "CancelJob" ->
          about(
              id ->
                  CancelJobRequest.newBuilder()
                      .setJobId(id)
                      .setReason("why")
                      .setGrace(seconds(5))
                      .build());
      case "CancelJobs" ->
          just(CancelJobsRequest.newBuilder().setFilter(filter()).setReason("why"));
      case "RetryJob" -> List.of(this::retry);
      case "RetryJobs" -> just(RetryJobsRequest.newBuilder().setFilter(filter()));
      case "DeleteJobs" ->
          just(DeleteJobsRequest.newBuilder().setFilter(filter()).setValidateOnly(true));
      case "DeleteJob" -> about(id -> DeleteJobRequest.newBuilder().setJobId(id).build());
      case "CleanupJobs" ->
          just(CleanupJobsRequest.newBuilder().setOlderThan(seconds(86_400)).setFilter(filter()));
      case "WaitJob" ->
          about(id -> WaitJobRequest.newBuilder().setJobId(id).setWait(seconds(0)).build());
      case "WatchJob" -> about(id -> WatchJobRequest.newBuilder().setJobId(id).build());
      case "WatchJobs" -> just(WatchJobsRequest.newBuilder().setFilter(filter()));
      case "ListJournal" ->
          about(
              id ->
                  ListJournalRequest.newBuilder()
                      .setJobId(id)
                      .setMinLevel(LogLevel.LOG_LEVEL_INFO)
                      .setSearch("text")
                      .setMinTime(time(1))
                      .setPageSize(5)
                      .addLevels(LogLevel.LOG_LEVEL_ERROR)
                      .setAttempt(1)
                      .build());
      case "GetProgress" -> about(id -> GetProgressRequest.newBuilder().setJobId(id).build());
      case "WatchProgress" -> about(id -> WatchProgressRequest.newBuilder().setJobId(id).build());
      case "ShareJob" ->
          about(
              id ->
                  ShareJobRequest.newBuilder()
                      .setJobId(id)
                      .setLifetime(seconds(600))
                      .setLabel("wall")
                      .setRequestId("request-" + id)
                      .build());
      case "ListShares" -> about(id -> ListSharesRequest.newBuilder().setJobId(id).build());
      case "UnshareJob" ->
          about(id -> UnshareJobRequest.newBuilder().setJobId(id).setShareId("a1").build());
      case "GetOutcome" -> about(id -> GetOutcomeRequest.newBuilder().setJobId(id).build());
      case "ListItems" ->
          about(
              id ->
                  ListItemsRequest.newBuilder()
                      .setJobId(id)
                      .addStates(ItemState.ITEM_STATE_DONE)
                      .setProjectId("p")
                      .setPageSize(5)
                      .build());
      case "RetryFailedItems" -> List.of(this::retryItems);
      case "ClaimJobs" -> List.of(this::claim);
      case "Report" -> held(work -> work.request(report()));
      case "ReportStream" ->
          held(
              work ->
                  ReportStreamRequest.newBuilder()
                      .setJobId(work.jobId())
                      .setAttemptToken(work.token())
                      .setReport(report())
                      .build());
      case "Heartbeat" ->
          held(
              work ->
                  HeartbeatRequest.newBuilder()
                      .setJobId(work.jobId())
                      .setAttemptToken(work.token())
                      .build());
      case "CompleteJob" ->
          held(
              work ->
                  CompleteJobRequest.newBuilder()
                      .setJobId(work.jobId())
                      .setAttemptToken(work.token())
                      .setReport(report())
                      .setResult(Structs.maps(2))
                      .build());
      case "FailJob" -> held(this::fail);
      case "ConfirmCancel" -> List.of(this::confirmCancel);
      case "ReleaseJob" ->
          held(
              work ->
                  ReleaseJobRequest.newBuilder()
                      .setJobId(work.jobId())
                      .setAttemptToken(work.token())
                      .setReport(report())
                      .setReason("why")
                      .build());
      case "ListTaskDefinitions" -> just(ListTaskDefinitionsRequest.newBuilder());
      case "StartTask" -> List.of(() -> Sample.of(startTask()));
      case "GetTask" -> aboutTask(id -> GetTaskRequest.newBuilder().setJobId(id).build());
      case "ListTasks" ->
          just(ListTasksRequest.newBuilder().addStates(JobState.JOB_STATE_RUNNING).setPageSize(2));
      case "CancelTask" ->
          aboutTask(id -> CancelTaskRequest.newBuilder().setJobId(id).setReason("why").build());
      case "WatchTask" -> aboutTask(id -> WatchTaskRequest.newBuilder().setJobId(id).build());
      case "ExplainJob" -> about(id -> ExplainJobRequest.newBuilder().setJobId(id).build());
      case "GetCaller" -> just(GetCallerRequest.newBuilder());
      case "GetServerInfo" -> just(GetServerInfoRequest.newBuilder());
      case "GetStats" -> just(GetStatsRequest.newBuilder().setTenantId("default"));
      case "WatchStats" -> just(WatchStatsRequest.newBuilder().setTenantId("default"));
      case "ListWorkers" ->
          just(
              ListWorkersRequest.newBuilder()
                  .setTenantId("default")
                  .setType(TYPE)
                  .setWaitingOnly(true)
                  .setPageSize(10));
      case "EraseUser" ->
          just(
              EraseUserRequest.newBuilder()
                  .setTenantId("default")
                  .setUserId("nobody")
                  .setErasureId("e-1"));
      // Only SQLite has backups; BackupStoreTest tries their names.
      case "BackupStore" -> List.of();
      case "ExportJobs" -> just(ExportJobsRequest.newBuilder().setTenantId("default"));
      case "GetOperation" ->
          about(id -> GetOperationRequest.newBuilder().setName("operations/" + id).build());
      case "ListOperations" ->
          just(ListOperationsRequest.newBuilder().setName("operations").setPageSize(2));
      case "DeleteOperation" -> List.of(this::deleteOperation);
      case "CancelOperation" ->
          about(id -> CancelOperationRequest.newBuilder().setName("operations/" + id).build());
      case "WaitOperation" ->
          about(
              id ->
                  WaitOperationRequest.newBuilder()
                      .setName("operations/" + id)
                      .setTimeout(seconds(0))
                      .build());
      default -> throw new IllegalStateException("Add a valid request of " + method + " here.");
    };
  }

  private static List<Supplier<Sample>> just(Message.Builder request) {
    Message built = request.build();
    return List.of(() -> Sample.of(built));
  }

  private List<Supplier<Sample>> about(Function<String, Message> request) {
    return List.of(
        () -> {
          String id = client.create(TYPE).getId();
          return Sample.of(request.apply(id), id);
        });
  }

  private List<Supplier<Sample>> held(Function<HeldJob, Message> request) {
    return List.of(
        () -> {
          HeldJob work = client.start(JobSpec.newBuilder().setType(TYPE).setMaxRetries(0));
          return Sample.of(request.apply(work), work.jobId());
        });
  }

  private List<Supplier<Sample>> aboutTask(Function<String, Message> request) {
    return List.of(
        () -> {
          String id =
              TaskServiceGrpc.newBlockingStub(client.channel())
                  .startTask(startTask())
                  .getTask()
                  .getJob()
                  .getId();
          return Sample.of(request.apply(id), id);
        });
  }

  private CreateJobRequest create(boolean start) {
    CreateJobRequest.Builder request =
        CreateJobRequest.newBuilder()
            .setSpec(spec(true))
            .setJobId("boundary-" + ++ids)
            .setRequestId("request-" + ids)
            .setUserId("ann")
            .addItems(item());
    if (start) {
      request.setStart(StartJob.newBuilder().setWorkerId("worker"));
      request.getSpecBuilder().clearNotBeforeTime();
    }
    return request.build();
  }

  private Sample batch(int changed) {
    CreateJobRequest head =
        create(false).toBuilder().clearItems().setSpec(spec(true).clearNotBeforeTime()).build();
    return new Sample(
        changed == 0 ? "its head" : "its items",
        List.of(
            CreateJobsRequest.newBuilder().setBatch(head).build(),
            CreateJobsRequest.newBuilder()
                .setItems(ItemList.newBuilder().addItems(item()))
                .build()),
        changed,
        "");
  }

  /** Returns a spec with every field set. */
  private JobSpec.Builder spec(boolean whole) {
    JobSpec.Builder spec =
        JobSpec.newBuilder()
            .setDisplayName("name")
            .setPriority(50)
            .putLabels("team", "blue")
            .setMetadata(Structs.maps(2))
            .setExpireTime(time(200_000))
            .setWebhook(
                Webhook.newBuilder()
                    .setUrl("https://example.com/hook")
                    .setSecret("secret")
                    .addStates(JobState.JOB_STATE_FAILED));
    if (whole) {
      spec.setType(TYPE)
          .setScope(JobScope.JOB_SCOPE_PROJECT)
          .setProjectId("p")
          .setParams(Structs.maps(2))
          .setTrigger(JobTrigger.JOB_TRIGGER_API)
          .setAlgorithmVersion("1")
          .setMaxRetries(1)
          .setRetryBackoff(
              RetryBackoff.newBuilder().setInitial(seconds(1)).setMax(seconds(2)).setMultiplier(2))
          .setTimeouts(
              JobTimeouts.newBuilder()
                  .setQueue(seconds(90_000))
                  .setAttempt(seconds(90_000))
                  .setTotal(seconds(90_000))
                  .setLease(seconds(90_000))
                  .setCancelGrace(seconds(90_000))
                  .setStallAfter(seconds(90_000)))
          .setNotBeforeTime(time(100_000));
    }
    return spec;
  }

  private Message update(String id) {
    return UpdateJobRequest.newBuilder()
        .setJobId(id)
        .setSpec(spec(false))
        .setUpdateMask(
            FieldMask.newBuilder()
                .addAllPaths(
                    List.of(
                        "labels",
                        "metadata",
                        "priority",
                        "display_name",
                        "expire_time",
                        "webhook")))
        .build();
  }

  private static Item item() {
    return Item.newBuilder()
        .setId("item")
        .setProjectId("p")
        .setState(ItemState.ITEM_STATE_PENDING)
        .setData(Structs.maps(2))
        .setMessage("message")
        .build();
  }

  private Report.Builder report() {
    return Report.newBuilder()
        .setReportSeq(1)
        .setProgress(
            Progress.newBuilder()
                .setCurrent(1)
                .setTotal(2)
                .setUnit("files")
                .setFraction(0.5)
                .setMessage("message")
                .setSucceeded(1)
                .setFailed(1)
                .setSkipped(1)
                .addSubOperations(
                    SubOperation.newBuilder()
                        .setId("part")
                        .setDisplayName("Part")
                        .setWeight(1)
                        .setFraction(0.5)))
        .setStage(Stage.newBuilder().setName("stage").setDetail("detail"))
        .addLogs(
            LogEntry.newBuilder()
                .setLevel(LogLevel.LOG_LEVEL_INFO)
                .setMessage("text")
                .setContext(Structs.maps(2))
                .setStage("stage")
                .setWriteTime(time(-10)))
        .addItems(item())
        .putOutcomeIncrements("a", 1)
        .putOutcomeValues("b", 2)
        .setCheckpoint(Structs.maps(2));
  }

  private Message fail(HeldJob work) {
    return FailJobRequest.newBuilder()
        .setJobId(work.jobId())
        .setAttemptToken(work.token())
        .setReport(report())
        .setError(
            JobError.newBuilder()
                .setCode("BROKEN")
                .setMessage("message")
                .setDetails(Structs.maps(2))
                .setStackTrace("trace"))
        .build();
  }

  private Sample confirmCancel() {
    HeldJob work = client.start(TYPE);
    cancel(work.jobId());
    return Sample.of(
        ConfirmCancelRequest.newBuilder()
            .setJobId(work.jobId())
            .setAttemptToken(work.token())
            .setReport(report())
            .build(),
        work.jobId());
  }

  private void cancel(String id) {
    var unused = client.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(id).build());
  }

  private Sample retry() {
    String id = client.create(TYPE).getId();
    cancel(id);
    return Sample.of(RetryJobRequest.newBuilder().setJobId(id).build(), id);
  }

  private Sample deleteOperation() {
    String id = client.create(TYPE).getId();
    cancel(id);
    return Sample.of(DeleteOperationRequest.newBuilder().setName("operations/" + id).build(), id);
  }

  private Sample retryItems() {
    HeldJob work = client.start(TYPE);
    var unused =
        work.report(
            Report.newBuilder().addItems(item().toBuilder().setState(ItemState.ITEM_STATE_FAILED)));
    var unusedJob = work.complete();
    return Sample.of(
        RetryFailedItemsRequest.newBuilder()
            .setJobId(work.jobId())
            .setRequestId("request-" + ++ids)
            .build());
  }

  private Sample claim() {
    String id = client.create(TYPE).getId();
    return Sample.of(
        ClaimJobsRequest.newBuilder()
            .setWorkerId("worker")
            .addTypes(TYPE)
            .addScopes(JobScope.JOB_SCOPE_ITEM_SET)
            .setMinPriority(0)
            .setMaxPriority(100)
            .setMaxJobs(1)
            .setRequestId("request-" + ++ids)
            .build(),
        id);
  }

  private StartTaskRequest startTask() {
    return StartTaskRequest.newBuilder()
        .setDefinition(TASK)
        .setSpec(spec(false).setParams(Structs.maps(2)))
        .setJobId("boundary-" + ++ids)
        .setRequestId("request-" + ids)
        .setUserId("ann")
        .addItems(item())
        .build();
  }

  private JobFilter.Builder filter() {
    return countable()
        .putLabels("team", "none")
        .setCreateTimeFrom(time(-1_000_000))
        .setCreateTimeUntil(time(1_000_000))
        .setEndTimeFrom(time(-1_000_000))
        .setEndTimeUntil(time(1_000_000))
        .setAttemptsAbove(0);
  }

  /** Returns a filter by what stores keep counts of. */
  private JobFilter.Builder countable() {
    return JobFilter.newBuilder()
        .setUserId("ann")
        .addStates(JobState.JOB_STATE_CANCELLED)
        .addTypes(TYPE)
        .setProjectId("p")
        .setScope(JobScope.JOB_SCOPE_PROJECT)
        .setParentId("parent");
  }

  private static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  private Timestamp time(long secondsFromNow) {
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond() + secondsFromNow).build();
  }
}
