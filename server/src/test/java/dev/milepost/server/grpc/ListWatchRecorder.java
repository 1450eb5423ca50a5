package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobCount;
import dev.milepost.v1.JobState;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsRequest;
import dev.milepost.v1.WatchJobsResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Records what a list watch receives, keeps the resulting view of the jobs, and notes every message
 * that contradicts the earlier ones.
 */
final class ListWatchRecorder
    implements ClientResponseObserver<WatchJobsRequest, WatchJobsResponse> {
  private final List<WatchJobsResponse> messages = new ArrayList<>();
  private final Map<String, Job> jobs = new HashMap<>();
  private final List<String> faults = new ArrayList<>();
  private boolean synced;
  private @Nullable Throwable failure;
  private volatile @Nullable ClientCallStreamObserver<WatchJobsRequest> call;

  ListWatchRecorder() {}

  /** Continues from the end of another watch. */
  ListWatchRecorder(ListWatchRecorder before) {
    jobs.putAll(before.jobs());
    synced = true;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchJobsRequest> stream) {
    call = stream;
  }

  @Override
  public synchronized void onNext(WatchJobsResponse message) {
    messages.add(message);
    Job known = jobs.get(message.getJob().getId());
    switch (message.getEvent()) {
      case WATCH_EVENT_SNAPSHOT -> check(known == null && !synced, message);
      case WATCH_EVENT_SYNCED -> {
        check(!synced, message);
        synced = true;
      }
      case WATCH_EVENT_ENTERED -> check(known == null && synced, message);
      case WATCH_EVENT_CHANGED ->
          check(
              known != null
                  && synced
                  && known.getStatus().getJournalSequence()
                      <= message.getJob().getStatus().getJournalSequence()
                  && (message.getResumeToken().isEmpty() || !known.equals(message.getJob())),
              message);
      case WATCH_EVENT_LEFT -> check(known != null && synced, message);
      case WATCH_EVENT_BOOKMARK, WATCH_EVENT_UNSPECIFIED, UNRECOGNIZED -> {}
    }
    if (message.getEvent() == WatchEvent.WATCH_EVENT_LEFT) {
      jobs.remove(message.getJob().getId());
    } else if (message.hasJob()) {
      jobs.put(message.getJob().getId(), message.getJob());
    }
    if (synced) {
      check(counts(message.getCountsList()).equals(countsOfJobs()), message);
    }
  }

  private void check(boolean isConsistent, WatchJobsResponse message) {
    if (!isConsistent) {
      faults.add(message.getEvent() + " " + message.getJob().getId() + " after " + jobs.keySet());
    }
  }

  private static Map<JobState, Long> counts(List<JobCount> counts) {
    Map<JobState, Long> byState = new HashMap<>();
    counts.forEach(count -> byState.put(count.getState(), count.getCount()));
    return byState;
  }

  private Map<JobState, Long> countsOfJobs() {
    Map<JobState, Long> byState = new HashMap<>();
    jobs.values().forEach(job -> byState.merge(job.getStatus().getState(), 1L, Long::sum));
    return byState;
  }

  @Override
  public synchronized void onError(Throwable reason) {
    failure = reason;
  }

  @Override
  public void onCompleted() {}

  void cancel() {
    ClientCallStreamObserver<WatchJobsRequest> open = call;
    if (open != null) {
      open.cancel("by the test", null);
    }
  }

  synchronized List<WatchJobsResponse> messages() {
    return List.copyOf(messages);
  }

  synchronized Map<String, Job> jobs() {
    return Map.copyOf(jobs);
  }

  synchronized @Nullable Throwable failure() {
    return failure;
  }

  /** Returns the token of the last message. */
  synchronized String resumeToken() {
    return messages.get(messages.size() - 1).getResumeToken();
  }

  List<WatchEvent> events() {
    return messages().stream().map(WatchJobsResponse::getEvent).toList();
  }

  void awaitMessages(int count) {
    await().atMost(Duration.ofSeconds(20)).until(() -> messages().size() >= count);
  }

  void awaitJobs(Predicate<Map<String, Job>> condition) {
    await().atMost(Duration.ofSeconds(20)).until(() -> condition.test(jobs()));
  }

  synchronized void requireNoFaults() {
    assertThat(faults).isEmpty();
  }
}
