package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.util.Values;
import dev.milepost.server.store.SettableClock;
import dev.milepost.v1.CancelTaskRequest;
import dev.milepost.v1.CompleteJobRequest;
import dev.milepost.v1.GetTaskRequest;
import dev.milepost.v1.Item;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobKind;
import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.ListItemsRequest;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListTaskDefinitionsRequest;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.Report;
import dev.milepost.v1.RetryJobRequest;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.StartTaskResponse;
import dev.milepost.v1.SubOperationState;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskDefinition;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.TaskStep;
import dev.milepost.v1.WatchTaskRequest;
import dev.milepost.v1.WatchTaskResponse;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks: steps in sequence, seen as one job; on SQLite. */
class TasksTest {
  private static final String DEFINITIONS =
      """
      tasks:
        - name: publish
          display_name: Publish photos
          scope: ITEM_SET
          steps:
            - {name: resize, type: resize, display_name: Resizing}
            - {name: check, type: check}
            - {name: send, type: send, max_retries: 0}
        - {name: project-task, scope: PROJECT, steps: [{name: one, type: one}]}
      """;

  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private Path file;
  private TestServer server;
  private TestClient ann;

  @BeforeEach
  void start() throws IOException {
    file = directory.resolve("tasks.yaml");
    Files.writeString(file, DEFINITIONS);
    server =
        TestServer.start(
            Map.of(
                "milepost.store",
                "sqlite:" + directory.resolve("jobs.db"),
                "milepost.tasks.file",
                file.toString(),
                "milepost.auth.reload",
                "10ms"),
            clock);
    ann = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static TaskServiceGrpc.TaskServiceBlockingStub tasks(TestClient client) {
    return TaskServiceGrpc.newBlockingStub(client.channel());
  }

  private StartTaskResponse start(StartTaskRequest.Builder request) {
    return tasks(ann).startTask(request.build());
  }

  private Task start(String definition) {
    return start(StartTaskRequest.newBuilder().setDefinition(definition)).getTask();
  }

  private Task get(String id) {
    return tasks(ann).getTask(GetTaskRequest.newBuilder().setJobId(id).build()).getTask();
  }

  private List<Job> children(String taskId) {
    return ann.jobs()
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setParentId(taskId))
                .setOrderBy("create_time asc")
                .build())
        .getJobsList();
  }

  /** Returns the job of the waiting step, once it can be claimed. */
  private HeldJob next(String type) {
    List<HeldJob> works = new ArrayList<>();
    await()
        .until(
            () -> {
              works.addAll(
                  ann.works(
                      ann.worker()
                          .claimJobs(
                              TestClient.claimRequest().addTypes(type).setMaxJobs(10).build())));
              return !works.isEmpty();
            });
    assertThat(works).hasSize(1);
    return works.get(0);
  }

  private static List<SubOperationState> states(Task task) {
    return task.getStepsList().stream().map(TaskStep::getState).toList();
  }

  @Test
  void eachSuccessStartsTheNextStepAndTheLastEndsTheTask() {
    Task task = start("publish");
    String id = task.getJob().getId();
    assertThat(task.getDefinition()).isEqualTo("publish");
    assertThat(task.getJob().getKind()).isEqualTo(JobKind.JOB_KIND_TASK);
    assertThat(task.getJob().getSpec().getDisplayName()).isEqualTo("Publish photos");
    assertThat(task.getStepsList())
        .extracting(TaskStep::getName)
        .containsExactly("resize", "check", "send");
    assertThat(task.getSteps(0).getDisplayName()).isEqualTo("Resizing");
    assertThat(task.getSteps(1).getJobId()).as("not started").isEmpty();

    HeldJob resize = next("resize");
    assertThat(resize.jobId()).isEqualTo(task.getSteps(0).getJobId());
    assertThat(children(id)).hasSize(1);
    resize.complete();
    // Both are in the same commit: no caller can see one without the other.
    assertThat(children(id)).extracting(Job::getStep).containsExactly("resize", "check");
    assertThat(get(id).getJob().getStatus().getProgress().getPercent()).isEqualTo(33);
    assertThat(states(get(id)))
        .containsExactly(
            SubOperationState.SUB_OPERATION_STATE_DONE,
            SubOperationState.SUB_OPERATION_STATE_PENDING,
            SubOperationState.SUB_OPERATION_STATE_PENDING);
    next("check").complete();
    HeldJob send = next("send");
    ann.worker()
        .completeJob(
            CompleteJobRequest.newBuilder()
                .setJobId(send.jobId())
                .setAttemptToken(send.token())
                .setResult(Struct.newBuilder().putFields("sent", Values.of(3)))
                .build());

    Job done = get(id).getJob();
    assertThat(done.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(done.getStatus().getProgress().getPercent()).isEqualTo(100);
    assertThat(done.getStatus().getResult().getFieldsOrThrow("sent")).isEqualTo(Values.of(3));
    assertThat(children(id)).hasSize(3);
    assertThat(ann.claim(10)).as("the task itself cannot be claimed").isEmpty();
  }

  @Test
  void itemsArePassedFromStepToStep() {
    int many = 1_200;
    String id =
        start(
                StartTaskRequest.newBuilder()
                    .setDefinition("publish")
                    .addAllItems(
                        IntStream.range(0, many)
                            .mapToObj(
                                i ->
                                    Item.newBuilder()
                                        .setId("i" + i)
                                        .setProjectId("p" + i % 3)
                                        .build())
                            .toList()))
            .getTask()
            .getJob()
            .getId();
    HeldJob resize = next("resize");
    Item.Builder first = Item.newBuilder().setId("i0").setProjectId("p0");
    resize.report(
        Report.newBuilder()
            .addItems(
                first
                    .setState(ItemState.ITEM_STATE_DONE)
                    .setMessage("small now")
                    .setData(Struct.newBuilder().putFields("size", Values.of(7))))
            .addItems(Item.newBuilder().setId("i1").setState(ItemState.ITEM_STATE_FAILED))
            .addItems(Item.newBuilder().setId("i2").setState(ItemState.ITEM_STATE_SKIPPED)));
    resize.complete();

    HeldJob check = next("check");

    Job job = ann.get(check.jobId());
    assertThat(job.getStatus().getItemCounts().getPending()).isEqualTo(many - 2);
    List<Item> items =
        ann.jobs()
            .listItems(
                ListItemsRequest.newBuilder().setJobId(check.jobId()).setPageSize(1_000).build())
            .getItemsList();
    assertThat(items.get(0).getId()).isEqualTo("i0");
    assertThat(items.get(0).getState()).isEqualTo(ItemState.ITEM_STATE_PENDING);
    assertThat(items.get(0).getMessage()).isEmpty();
    assertThat(items.get(0).getProjectId()).isEqualTo("p0");
    assertThat(items.get(0).getData().getFieldsOrThrow("size")).isEqualTo(Values.of(7));
    assertThat(items).extracting(Item::getId).doesNotContain("i1", "i2");
    assertThat(get(id).getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void aFailedStepEndsTheTaskAndARetryContinuesFromIt() {
    String id = start("publish").getJob().getId();
    next("resize").complete();
    next("check").fail("BROKEN", false);

    Task failed = get(id);
    assertThat(failed.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(failed.getJob().getStatus().getError().getMessage())
        .contains("check")
        .contains("It broke.");
    assertThat(states(failed).get(1)).isEqualTo(SubOperationState.SUB_OPERATION_STATE_FAILED);
    assertThat(ann.claim(10)).isEmpty();

    ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(id).build());

    next("check").complete();
    next("send").complete();
    assertThat(get(id).getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(children(id)).hasSize(3);
  }

  @Test
  void anAutomaticRetryOfAStepDoesNotEndTheTask() {
    String id = start("publish").getJob().getId();
    next("resize").fail("BUSY", true);
    assertThat(get(id).getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(get(id).getJob().getStatus().getChildCounts().getQueued()).isEqualTo(1);
  }

  private JobState cancelAgain(String id) {
    return tasks(ann)
        .cancelTask(CancelTaskRequest.newBuilder().setJobId(id).build())
        .getTask()
        .getJob()
        .getStatus()
        .getState();
  }

  @Test
  void aCancelEndsTheStepAndStartsNoOther() {
    String id = start("publish").getJob().getId();
    HeldJob resize = next("resize");

    Task cancelling =
        tasks(ann)
            .cancelTask(CancelTaskRequest.newBuilder().setJobId(id).setReason("stop").build())
            .getTask();

    assertThat(cancelling.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLING);
    assertThat(cancelAgain(id)).as("asked twice").isEqualTo(JobState.JOB_STATE_CANCELLING);
    await()
        .untilAsserted(
            () ->
                assertThat(ann.get(resize.jobId()).getStatus().getState())
                    .isEqualTo(JobState.JOB_STATE_CANCELLING));
    // The work finished before the cancel, but no further step starts.
    resize.complete();
    assertThat(get(id).getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(cancelAgain(id)).as("asked again").isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(children(id)).hasSize(1);
    ann.jobs().retryJob(RetryJobRequest.newBuilder().setJobId(id).build());
    next("check").complete();
    next("send").complete();
    assertThat(get(id).getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aWatchShowsStepsAndProgress() throws Exception {
    String id = start("publish").getJob().getId();
    ResponseRecorder<WatchTaskResponse> watch = new ResponseRecorder<>();
    TaskServiceGrpc.newStub(ann.channel())
        .watchTask(WatchTaskRequest.newBuilder().setJobId(id).build(), watch);
    await().until(() -> !watch.responses().isEmpty());
    HeldJob resize = next("resize");
    resize.progress(1, 2);
    await()
        .untilAsserted(
            () -> {
              Task latest = watch.last().getTask();
              assertThat(latest.getSteps(0).getFraction()).isEqualTo(0.5);
              assertThat(latest.getJob().getStatus().getProgress().getPercent()).isEqualTo(16);
            });
    resize.complete();
    next("check").complete();
    next("send").complete();
    watch.awaitEnd();

    Task last = watch.last().getTask();
    assertThat(last.getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(states(last)).containsOnly(SubOperationState.SUB_OPERATION_STATE_DONE);
    assertThat(last.getStepsList()).allMatch(step -> !step.getJobId().isEmpty());
  }

  @Test
  void aRepeatedRequestStartsNothing() {
    StartTaskRequest.Builder request =
        StartTaskRequest.newBuilder().setDefinition("publish").setRequestId("once");
    StartTaskResponse first = start(request);
    StartTaskResponse again = start(request);
    assertThat(first.getCreated()).isTrue();
    assertThat(again.getCreated()).isFalse();
    assertThat(again.getTask()).isEqualTo(first.getTask());

    Failure other = Failure.of(() -> start(request.setSpec(JobSpec.newBuilder().setPriority(3))));
    assertThat(other.code()).isEqualTo(Code.ALREADY_EXISTS);
    assertThat(other.message()).contains("spec");
  }

  @Test
  void tasksAreListedByDefinitionAndState() {
    ann.create("plain");
    String one = start("publish").getJob().getId();
    String two = start("publish").getJob().getId();
    start(
        StartTaskRequest.newBuilder()
            .setDefinition("project-task")
            .setSpec(JobSpec.newBuilder().setProjectId("p")));
    next("one").complete();

    assertThat(ids(ListTasksRequest.newBuilder())).hasSize(3);
    assertThat(ids(ListTasksRequest.newBuilder().setDefinition("publish")))
        .containsExactly(two, one);
    assertThat(ids(ListTasksRequest.newBuilder().addStates(JobState.JOB_STATE_SUCCEEDED)))
        .hasSize(1);
    assertThat(tasks(ann.as("bob")).listTasks(ListTasksRequest.getDefaultInstance()).getTasksList())
        .isEmpty();
  }

  private List<String> ids(ListTasksRequest.Builder request) {
    return tasks(ann).listTasks(request.build()).getTasksList().stream()
        .map(task -> task.getJob().getId())
        .toList();
  }

  @Test
  void aPlainJobIsNotATask() {
    String id = ann.create("plain").getId();
    Failure failure = Failure.of(() -> get(id));
    assertThat(failure.code()).isEqualTo(Code.NOT_FOUND);
    Failure absent = Failure.of(() -> get("absent"));
    assertThat(failure.message().replace(id, "absent")).isEqualTo(absent.message());
  }

  @Test
  void invalidRequestsNameTheField() {
    refused(
        "definition: must name a task definition",
        StartTaskRequest.newBuilder().setDefinition("none"));
    refused(
        "spec.type: must be empty",
        StartTaskRequest.newBuilder()
            .setDefinition("publish")
            .setSpec(JobSpec.newBuilder().setType("mine")));
    refused(
        "spec.scope: must be unset",
        StartTaskRequest.newBuilder()
            .setDefinition("publish")
            .setSpec(JobSpec.newBuilder().setScope(JobScope.JOB_SCOPE_GLOBAL)));
    refused("spec.project_id: ", StartTaskRequest.newBuilder().setDefinition("project-task"));
    assertThat(ids(ListTasksRequest.newBuilder())).isEmpty();
  }

  private void refused(String violation, StartTaskRequest.Builder request) {
    Failure failure = Failure.of(() -> start(request));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations()).anyMatch(any -> any.startsWith(violation));
  }

  @Test
  void theFileIsReloadedAndRunningTasksKeepTheirSteps() throws IOException {
    String id = start("publish").getJob().getId();
    Files.writeString(file, "tasks: [{name: other, scope: GLOBAL, steps: [{name: s, type: s}]}]");
    await().until(() -> names().equals(List.of("other")));

    next("resize").complete();
    next("check").complete();
    next("send").complete();
    assertThat(get(id).getJob().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  private List<String> names() {
    return tasks(ann)
        .listTaskDefinitions(ListTaskDefinitionsRequest.getDefaultInstance())
        .getDefinitionsList()
        .stream()
        .map(TaskDefinition::getName)
        .toList();
  }
}
