package dev.milepost.server.grpc;

import dev.milepost.server.watch.JobWatchSink;
import dev.milepost.server.watch.Watch;
import dev.milepost.storage.v1.StepRecord;
import dev.milepost.v1.Job;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchTaskResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;

/** A task's way to its watcher: whole, whenever it has changed and the transport is ready. */
final class TaskStream implements JobWatchSink {
  private final ServerCallStreamObserver<WatchTaskResponse> out;
  private final Context context = Context.current();
  private final Following following;

  /** Set before the watch is open; steps never change. */
  private volatile List<StepRecord> steps = List.of();

  /** Written by one thread at a time, as are steps of a watch. */
  private volatile Job latest = Job.getDefaultInstance();

  /** Must be made before the service method returns: handlers cannot be set later. */
  TaskStream(ServerCallStreamObserver<WatchTaskResponse> out) {
    this.out = out;
    this.following = new Following(out);
  }

  /** The steps of the task that is watched. */
  void of(List<StepRecord> steps) {
    this.steps = steps;
  }

  /** The watch that this stream belongs to, now that it is open. */
  void follow(Watch opened) {
    following.follow(opened);
  }

  @Override
  public boolean isReady() {
    return out.isReady();
  }

  @Override
  public void next(WatchJobResponse step) {
    if (step.hasJob()) {
      latest = step.getJob();
    } else if (step.hasStatus()) {
      latest = latest.toBuilder().setStatus(step.getStatus()).build();
    } else {
      out.onNext(WatchTaskResponse.getDefaultInstance());
      return;
    }
    out.onNext(WatchTaskResponse.newBuilder().setTask(TaskViews.of(steps, latest)).build());
  }

  @Override
  public void completed() {
    out.onCompleted();
  }

  @Override
  public void failed(Throwable reason) {
    context.run(() -> out.onError(ErrorMap.toException(reason)));
  }
}
