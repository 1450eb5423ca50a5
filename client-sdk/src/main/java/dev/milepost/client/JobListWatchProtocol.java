package dev.milepost.client;

import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobView;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/** Watches a job list; resumes by the server's token, or with a new snapshot if there is none. */
final class JobListWatchProtocol
    implements WatchProtocol<WatchJobsRequest, WatchJobsResponse, JobListEvent> {
  private final JobFilter filter;
  private final JobView view;

  /** Where to resume; empty: with a snapshot. */
  private String token = "";

  private boolean snapshotPending;

  JobListWatchProtocol(JobFilter filter, JobView view) {
    this.filter = filter;
    this.view = view;
  }

  @Override
  public String description() {
    return "a job list";
  }

  @Override
  public MethodDescriptor<WatchJobsRequest, WatchJobsResponse> method() {
    return JobServiceGrpc.getWatchJobsMethod();
  }

  @Override
  public WatchJobsRequest request() {
    snapshotPending = token.isEmpty();
    return WatchJobsRequest.newBuilder()
        .setFilter(filter)
        .setView(view)
        .setResumeToken(token)
        .build();
  }

  @Override
  public Duration idleTimeout() {
    return WatchOptions.defaults().idleTimeout();
  }

  @Override
  public Deque<JobListEvent> advance(WatchJobsResponse message) {
    Deque<JobListEvent> events = new ArrayDeque<>();
    if (snapshotPending) {
      snapshotPending = false;
      events.add(new JobListEvent.SnapshotStarted());
    }
    if (!message.getResumeToken().isEmpty()) {
      token = message.getResumeToken();
    }
    switch (message.getEvent()) {
      case WATCH_EVENT_SNAPSHOT -> events.add(new JobListEvent.SnapshotJob(message.getJob()));
      case WATCH_EVENT_SYNCED -> events.add(new JobListEvent.Synced(counts(message)));
      case WATCH_EVENT_ENTERED ->
          events.add(new JobListEvent.Entered(message.getJob(), counts(message)));
      case WATCH_EVENT_CHANGED ->
          events.add(new JobListEvent.Changed(message.getJob(), counts(message)));
      case WATCH_EVENT_LEFT -> events.add(new JobListEvent.Left(message.getJob(), counts(message)));
      case WATCH_EVENT_BOOKMARK, WATCH_EVENT_UNSPECIFIED, UNRECOGNIZED -> {
        // Nothing happened, or a newer server sends a kind of event that is not known here.
      }
    }
    return events;
  }

  private static Map<JobState, Long> counts(WatchJobsResponse message) {
    Map<JobState, Long> counts = new EnumMap<>(JobState.class);
    for (JobCount count : message.getCountsList()) {
      counts.put(count.getState(), count.getCount());
    }
    return Collections.unmodifiableMap(counts);
  }

  /** OUT_OF_RANGE: the server no longer keeps what follows the token, or missed changes itself. */
  @Override
  public boolean restartsAfter(ServerError error) {
    if (error.code() != Status.Code.OUT_OF_RANGE) {
      return false;
    }
    token = "";
    return true;
  }
}
