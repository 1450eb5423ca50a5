package dev.milepost.client;

import dev.milepost.v1.JobState;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskServiceGrpc;
import dev.milepost.v1.WatchTaskRequest;
import dev.milepost.v1.WatchTaskResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Watches a task; after a lost connection it starts with what is current. */
final class TaskWatchProtocol implements WatchProtocol<WatchTaskRequest, WatchTaskResponse, Task> {
  private final String taskId;
  private JobState state = JobState.JOB_STATE_UNSPECIFIED;

  TaskWatchProtocol(String taskId) {
    this.taskId = taskId;
  }

  @Override
  public String description() {
    return "task " + taskId;
  }

  @Override
  public MethodDescriptor<WatchTaskRequest, WatchTaskResponse> method() {
    return TaskServiceGrpc.getWatchTaskMethod();
  }

  @Override
  public WatchTaskRequest request() {
    return WatchTaskRequest.newBuilder().setJobId(taskId).build();
  }

  @Override
  public Duration idleTimeout() {
    return WatchOptions.defaults().idleTimeout();
  }

  @Override
  public Deque<Task> advance(WatchTaskResponse message) {
    Deque<Task> events = new ArrayDeque<>();
    if (message.hasTask()) {
      state = message.getTask().getJob().getStatus().getState();
      events.add(message.getTask());
    }
    return events;
  }

  @Override
  public boolean isComplete() {
    return JobStates.isFinished(state);
  }
}
