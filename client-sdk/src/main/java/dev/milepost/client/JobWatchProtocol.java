package dev.milepost.client;

import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Deque;

/** Following one job: by the numbers of its journal. */
final class JobWatchProtocol implements WatchProtocol<WatchJobRequest, WatchJobResponse, JobEvent> {
  private final String jobId;
  private final WatchOptions options;
  private final JobWatchPosition position;

  JobWatchProtocol(String jobId, WatchOptions options) {
    this.jobId = jobId;
    this.options = options;
    this.position = new JobWatchPosition(options.afterSequence());
  }

  @Override
  public String what() {
    return "job " + jobId;
  }

  @Override
  public MethodDescriptor<WatchJobRequest, WatchJobResponse> method() {
    return JobServiceGrpc.getWatchJobMethod();
  }

  @Override
  public WatchJobRequest request() {
    return WatchJobRequest.newBuilder()
        .setJobId(jobId)
        .setAfterSequence(position.sequence())
        .setMinLevel(options.minLevel())
        .setOmitStatus(options.omitsStatus())
        .setOmitJournal(options.omitsJournal())
        .build();
  }

  @Override
  public Duration idleTimeout() {
    return options.idleTimeout();
  }

  @Override
  public Deque<JobEvent> advance(WatchJobResponse message) {
    return position.advance(message);
  }

  @Override
  public long sequence() {
    return position.sequence();
  }

  @Override
  public long sequenceAfter(JobEvent event) {
    return event instanceof JobEvent.Entry entry ? entry.entry().getSequence() : 0;
  }

  /** It is only where the job has finished; who sees nothing of that believes the server. */
  @Override
  public boolean isComplete() {
    return position.isFinished() || (options.omitsStatus() && options.omitsJournal());
  }

  @Override
  public boolean restartsAfter(ServerError error) {
    return false;
  }
}
