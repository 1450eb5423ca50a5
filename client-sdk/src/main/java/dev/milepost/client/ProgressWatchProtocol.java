package dev.milepost.client;

import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.WatchProgressRequest;
import dev.milepost.v1.WatchProgressResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Watches the progress of a job; after a lost connection it starts with what is current. */
final class ProgressWatchProtocol
    implements WatchProtocol<WatchProgressRequest, WatchProgressResponse, JobProgress> {
  private final String jobId;
  private JobState state = JobState.JOB_STATE_UNSPECIFIED;

  ProgressWatchProtocol(String jobId) {
    this.jobId = jobId;
  }

  @Override
  public String description() {
    return "the progress of job " + jobId;
  }

  @Override
  public MethodDescriptor<WatchProgressRequest, WatchProgressResponse> method() {
    return JobServiceGrpc.getWatchProgressMethod();
  }

  @Override
  public WatchProgressRequest request() {
    return WatchProgressRequest.newBuilder().setJobId(jobId).build();
  }

  @Override
  public Duration idleTimeout() {
    return WatchOptions.defaults().idleTimeout();
  }

  @Override
  public Deque<JobProgress> advance(WatchProgressResponse message) {
    Deque<JobProgress> events = new ArrayDeque<>();
    if (message.hasProgress()) {
      state = message.getProgress().getState();
      events.add(JobProgress.of(message.getProgress()));
    }
    return events;
  }

  @Override
  public boolean isComplete() {
    return JobStates.isFinished(state);
  }
}
