package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.JobAccess;
import dev.milepost.server.app.TaskStarts;
import dev.milepost.server.app.TaskViews;
import dev.milepost.server.job.FieldChecks;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.task.TaskDefinitions;
import dev.milepost.v1.CancelTaskRequest;
import dev.milepost.v1.CancelTaskResponse;
import dev.milepost.v1.GetTaskRequest;
import dev.milepost.v1.GetTaskResponse;
import dev.milepost.v1.ListTaskDefinitionsRequest;
import dev.milepost.v1.ListTaskDefinitionsResponse;
import dev.milepost.v1.ListTasksRequest;
import dev.milepost.v1.ListTasksResponse;
import dev.milepost.v1.StartTaskRequest;
import dev.milepost.v1.StartTaskResponse;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WatchTaskRequest;
import dev.milepost.v1.WatchTaskResponse;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The RPCs for tasks. A task is a job: this service starts one from a definition and shows it with
 * its steps.
 */
@Singleton
public final class TaskService extends TaskServiceGrpc.TaskServiceImplBase {
  private final Supplier<TaskDefinitions> definitions;
  private final TaskStarts starts;
  private final TaskViews views;
  private final Watches watches;
  private final JobAccess access;

  @Inject
  TaskService(
      Supplier<TaskDefinitions> definitions,
      TaskStarts starts,
      TaskViews views,
      Watches watches,
      JobAccess access) {
    this.definitions = definitions;
    this.starts = starts;
    this.views = views;
    this.watches = watches;
    this.access = access;
  }

  @Override
  public void listTaskDefinitions(
      ListTaskDefinitionsRequest request, StreamObserver<ListTaskDefinitionsResponse> out) {
    Answers.answer(
        out,
        caller ->
            CompletableFuture.completedFuture(
                ListTaskDefinitionsResponse.newBuilder()
                    .addAllDefinitions(definitions.get().all())
                    .build()));
  }

  @Override
  public void startTask(StartTaskRequest request, StreamObserver<StartTaskResponse> out) {
    Answers.answer(out, caller -> starts.start(caller, request));
  }

  @Override
  public void getTask(GetTaskRequest request, StreamObserver<GetTaskResponse> out) {
    Answers.answer(
        out,
        caller ->
            views
                .read(caller, request.getJobId())
                .thenApply(
                    task -> GetTaskResponse.newBuilder().setTask(TaskViews.of(task)).build()));
  }

  @Override
  public void listTasks(ListTasksRequest request, StreamObserver<ListTasksResponse> out) {
    Answers.answer(out, caller -> views.list(caller, request));
  }

  @Override
  public void cancelTask(CancelTaskRequest request, StreamObserver<CancelTaskResponse> out) {
    Answers.answer(
        out,
        caller -> {
          FieldChecks violations = new FieldChecks();
          violations.atMost("reason", request.getReason(), 1_024);
          violations.orThrow();
          return cancel(caller, request);
        });
  }

  private CompletionStage<CancelTaskResponse> cancel(Caller caller, CancelTaskRequest request) {
    JobCommand cancel = new JobCommand.Cancel(caller.userId(), request.getReason(), null);
    return views
        .read(caller, request.getJobId())
        .thenCompose(
            task ->
                access
                    .change(caller, request.getJobId(), cancel)
                    .thenApply(job -> TaskViews.of(task.getParentRecord().getStepsList(), job)))
        .thenApply(task -> CancelTaskResponse.newBuilder().setTask(task).build());
  }

  @Override
  public void watchTask(WatchTaskRequest request, StreamObserver<WatchTaskResponse> out) {
    watches.watchTask(AccessInterceptor.caller(), request, out);
  }
}
