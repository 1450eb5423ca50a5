package dev.milepost.server.grpc;

import dev.milepost.server.app.TaskViews;
import dev.milepost.server.watch.WatchSink;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchTaskResponse;
import java.util.List;

/** Turns the watch of a task's job into the watch of a task, which is sent whole every time. */
final class TaskWatchSink implements WatchSink<WatchJobResponse> {
  private final WatchStream<WatchTaskResponse> stream;
  private final List<StepRecord> steps;
  private Job latest = Job.getDefaultInstance();

  /**
   * Creates a sink that nothing has been sent to.
   *
   * @param steps of the task: they never change
   */
  TaskWatchSink(WatchStream<WatchTaskResponse> stream, List<StepRecord> steps) {
    this.stream = stream;
    this.steps = steps;
  }

  @Override
  public boolean isReady() {
    return stream.isReady();
  }

  @Override
  public void next(WatchJobResponse message) {
    if (message.hasJob()) {
      latest = message.getJob();
    } else if (message.hasStatus()) {
      latest = latest.toBuilder().setStatus(message.getStatus()).build();
    } else {
      stream.next(WatchTaskResponse.getDefaultInstance());
      return;
    }
    stream.next(WatchTaskResponse.newBuilder().setTask(TaskViews.of(steps, latest)).build());
  }

  @Override
  public void completed() {
    stream.completed();
  }

  @Override
  public void failed(Throwable reason, String position) {
    stream.failed(reason, position);
  }
}
