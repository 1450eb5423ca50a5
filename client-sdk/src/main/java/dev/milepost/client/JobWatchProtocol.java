package dev.milepost.client;

import com.google.protobuf.Timestamp;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.SkippedRange;
import dev.milepost.v1.WatchJobRequest;
import dev.milepost.v1.WatchJobResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Watches one job; resumes by journal sequence number. Delivers each entry once and in order, even
 * if the server sends it twice.
 */
final class JobWatchProtocol implements WatchProtocol<WatchJobRequest, WatchJobResponse, JobEvent> {
  private final String jobId;
  private final WatchOptions options;
  private long sequence;

  /** When the job was created, so that a position in its journal is used for no other job. */
  private volatile @Nullable Timestamp created;

  private JobState state = JobState.JOB_STATE_UNSPECIFIED;

  JobWatchProtocol(String jobId, WatchOptions options) {
    this.jobId = jobId;
    this.options = options;
    this.sequence = options.request().getAfterSequence();
    this.created =
        options.request().hasJobCreateTime() ? options.request().getJobCreateTime() : null;
  }

  @Override
  public String description() {
    return "job " + jobId;
  }

  @Override
  public MethodDescriptor<WatchJobRequest, WatchJobResponse> method() {
    return JobServiceGrpc.getWatchJobMethod();
  }

  @Override
  public WatchJobRequest request() {
    WatchJobRequest.Builder request =
        options.request().toBuilder().setJobId(jobId).setAfterSequence(sequence);
    Timestamp known = created;
    if (known != null) {
      request.setJobCreateTime(known);
    }
    return request.build();
  }

  /** Returns when the job was created; null until the server has sent the job. */
  @Nullable Timestamp created() {
    return created;
  }

  @Override
  public Duration idleTimeout() {
    return options.idleTimeout();
  }

  @Override
  public Deque<JobEvent> advance(WatchJobResponse message) {
    Deque<JobEvent> events = new ArrayDeque<>();
    if (message.hasJob()) {
      state = message.getJob().getStatus().getState();
      created = message.getJob().getCreateTime();
      events.add(new JobEvent.Snapshot(message.getJob()));
    }
    Deque<SkippedRange> skipped = new ArrayDeque<>(message.getSkippedList());
    for (JournalEntry entry : message.getEntriesList()) {
      addSkipped(skipped, entry.getSequence(), events);
      addEntry(entry, events);
    }
    addSkipped(skipped, Long.MAX_VALUE, events);
    sequence = Math.max(sequence, message.getSequence());
    if (message.hasStatus()) {
      state = message.getStatus().getState();
      events.add(new JobEvent.Status(message.getStatus(), message.getSkippedStatuses()));
    }
    return events;
  }

  private void addEntry(JournalEntry entry, Deque<JobEvent> events) {
    if (entry.getSequence() > sequence) {
      sequence = entry.getSequence();
      events.add(new JobEvent.Entry(entry));
      if (entry.hasStateChange()) {
        state = entry.getStateChange().getToState();
      }
    }
  }

  /** Consumes the ranges that start before a sequence number. */
  private void addSkipped(Deque<SkippedRange> ranges, long before, Deque<JobEvent> events) {
    while (!ranges.isEmpty() && ranges.getFirst().getFirstSequence() < before) {
      SkippedRange range = ranges.removeFirst();
      long first = Math.max(range.getFirstSequence(), sequence + 1);
      if (range.getLastSequence() >= first) {
        sequence = range.getLastSequence();
        events.add(new JobEvent.Skipped(first, range.getLastSequence()));
      }
    }
  }

  @Override
  public long sequence() {
    return sequence;
  }

  @Override
  public long sequenceAfter(JobEvent event) {
    return event instanceof JobEvent.Entry entry ? entry.entry().getSequence() : 0;
  }

  @Override
  public boolean isComplete() {
    return JobStates.isFinished(state);
  }
}
