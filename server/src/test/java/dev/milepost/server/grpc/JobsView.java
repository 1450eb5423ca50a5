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
 * A watch of many jobs as its client sees it: keeps the jobs that it has been told of, and notes
 * each step that does not fit to what came before.
 */
final class JobsView implements ClientResponseObserver<WatchJobsRequest, WatchJobsResponse> {
  private final List<WatchJobsResponse> steps = new ArrayList<>();
  private final Map<String, Job> jobs = new HashMap<>();
  private final List<String> faults = new ArrayList<>();
  private boolean synced;
  private @Nullable Throwable failure;
  private volatile @Nullable ClientCallStreamObserver<WatchJobsRequest> call;

  JobsView() {}

  /** Goes on where another watch was cut off. */
  JobsView(JobsView before) {
    jobs.putAll(before.jobs());
    synced = true;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchJobsRequest> stream) {
    call = stream;
  }

  @Override
  public synchronized void onNext(WatchJobsResponse step) {
    steps.add(step);
    Job known = jobs.get(step.getJob().getId());
    switch (step.getEvent()) {
      case WATCH_EVENT_SNAPSHOT -> check(known == null && !synced, step);
      case WATCH_EVENT_SYNCED -> {
        check(!synced, step);
        synced = true;
      }
      case WATCH_EVENT_ENTERED -> check(known == null && synced, step);
      case WATCH_EVENT_CHANGED ->
          check(
              known != null
                  && synced
                  && known.getStatus().getJournalSequence()
                      <= step.getJob().getStatus().getJournalSequence()
                  && (step.getResumeToken().isEmpty() || !known.equals(step.getJob())),
              step);
      case WATCH_EVENT_LEFT -> check(known != null && synced, step);
      case WATCH_EVENT_UNSPECIFIED, UNRECOGNIZED -> {}
    }
    if (step.getEvent() == WatchEvent.WATCH_EVENT_LEFT) {
      jobs.remove(step.getJob().getId());
    } else if (step.hasJob()) {
      jobs.put(step.getJob().getId(), step.getJob());
    }
    if (synced) {
      check(counts(step.getCountsList()).equals(countsOfJobs()), step);
    }
  }

  private void check(boolean fits, WatchJobsResponse step) {
    if (!fits) {
      faults.add(step.getEvent() + " " + step.getJob().getId() + " after " + jobs.keySet());
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

  void hangUp() {
    ClientCallStreamObserver<WatchJobsRequest> open = call;
    if (open != null) {
      open.cancel("enough", null);
    }
  }

  synchronized List<WatchJobsResponse> steps() {
    return List.copyOf(steps);
  }

  synchronized Map<String, Job> jobs() {
    return Map.copyOf(jobs);
  }

  synchronized @Nullable Throwable failure() {
    return failure;
  }

  /** The last token that came. */
  synchronized String resumeToken() {
    return steps.get(steps.size() - 1).getResumeToken();
  }

  List<WatchEvent> events() {
    return steps().stream().map(WatchJobsResponse::getEvent).toList();
  }

  void awaitSteps(int count) {
    await().atMost(Duration.ofSeconds(20)).until(() -> steps().size() >= count);
  }

  void awaitJobs(Predicate<Map<String, Job>> condition) {
    await().atMost(Duration.ofSeconds(20)).until(() -> condition.test(jobs()));
  }

  synchronized void requireNoFaults() {
    assertThat(faults).isEmpty();
  }
}
