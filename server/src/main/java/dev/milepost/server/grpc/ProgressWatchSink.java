package dev.milepost.server.grpc;

import dev.milepost.server.access.Caller;
import dev.milepost.server.app.JobShares;
import dev.milepost.server.app.JobSummaries;
import dev.milepost.server.watch.WatchSink;
import dev.milepost.v1.GetProgressResponse;
import dev.milepost.v1.Job;
import dev.milepost.v1.WatchJobResponse;
import dev.milepost.v1.WatchProgressResponse;

/**
 * Turns the watch of a job into the watch of its progress. What callers do not see of the job, such
 * as a renewed lease, is passed over.
 */
final class ProgressWatchSink implements WatchSink<WatchJobResponse> {
  private final WatchStream<WatchProgressResponse> stream;
  private final JobSummaries summaries;
  private final Caller caller;
  private Job latest = Job.getDefaultInstance();
  private GetProgressResponse sent = GetProgressResponse.getDefaultInstance();

  /** Creates a sink that nothing has been sent to. */
  ProgressWatchSink(
      WatchStream<WatchProgressResponse> stream, JobSummaries summaries, Caller caller) {
    this.stream = stream;
    this.summaries = summaries;
    this.caller = caller;
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
      stream.next(WatchProgressResponse.getDefaultInstance());
      return;
    }
    GetProgressResponse progress = summaries.progress(latest);
    GetProgressResponse comparable = withoutTime(progress);
    if (!comparable.equals(sent)) {
      sent = comparable;
      stream.next(WatchProgressResponse.newBuilder().setProgress(progress).build());
    }
  }

  /** Returns the progress without what changes with every change, or with the time alone. */
  private static GetProgressResponse withoutTime(GetProgressResponse progress) {
    return progress.toBuilder().clearUpdateTime().clearDuration().clearRemaining().build();
  }

  @Override
  public void completed() {
    stream.completed();
  }

  @Override
  public void failed(Throwable reason, String position) {
    stream.failed(JobShares.shownTo(caller, reason), position);
  }
}
