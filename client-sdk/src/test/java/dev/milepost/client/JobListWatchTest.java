package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobView;
import dev.milepost.v1.WatchEvent;
import dev.milepost.v1.WatchJobsResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests list watches against the real server, over a connection that can be cut. */
@Timeout(60)
class JobListWatchTest {
  private static final JobFilter QUEUED =
      JobFilter.newBuilder().addStates(JobState.JOB_STATE_QUEUED).build();

  @TempDir Path directory;

  private TestServer server;
  private CutProxy proxy;
  private JobClient client;
  private JobClient watcher;

  @BeforeEach
  void connect() {
    server = TestServer.durable(directory);
    proxy = new CutProxy(server.port());
    client = JobClient.builder(server.target()).user("ann").build();
    watcher = JobClient.builder(proxy.target()).user("ann").build();
  }

  @AfterEach
  void close() throws Exception {
    watcher.close();
    client.close();
    proxy.close();
    server.close();
  }

  private static JobListEvent next(Iterator<JobListEvent> events, Predicate<JobListEvent> wanted) {
    JobListEvent event = events.next();
    while (!wanted.test(event)) {
      event = events.next();
    }
    return event;
  }

  @Test
  void deliversASnapshotAndThenChanges() {
    String first = client.create(JobSpec.of("a")).id();
    try (JobListWatch watch = watcher.watchJobs(QUEUED)) {
      Iterator<JobListEvent> events = watch.iterator();
      assertThat(events.next()).isEqualTo(new JobListEvent.SnapshotStarted());
      assertThat(((JobListEvent.SnapshotJob) events.next()).job().getId()).isEqualTo(first);
      assertThat(((JobListEvent.Synced) events.next()).counts())
          .containsEntry(JobState.JOB_STATE_QUEUED, 1L);

      String second = client.create(JobSpec.of("a")).id();
      JobListEvent.Entered entered =
          (JobListEvent.Entered) next(events, JobListEvent.Entered.class::isInstance);
      assertThat(entered.job().getId()).isEqualTo(second);
      assertThat(entered.counts()).containsEntry(JobState.JOB_STATE_QUEUED, 2L);

      client.update(first, JobUpdate.none().priority(7));
      JobListEvent.Changed changed =
          (JobListEvent.Changed) next(events, JobListEvent.Changed.class::isInstance);
      assertThat(changed.job().getSpec().getPriority()).isEqualTo(7);

      client.cancel(first, "");
      JobListEvent.Left left =
          (JobListEvent.Left) next(events, JobListEvent.Left.class::isInstance);
      assertThat(left.job().getId()).isEqualTo(first);
    }
  }

  @Test
  void restartsASnapshotThatTheServerCannotComplete() {
    JobListWatchProtocol protocol = new JobListWatchProtocol(QUEUED, JobView.JOB_VIEW_FULL);
    WatchJobsResponse shown =
        WatchJobsResponse.newBuilder().setEvent(WatchEvent.WATCH_EVENT_SNAPSHOT).build();
    assertThat(protocol.request().getResumeToken()).isEmpty();
    assertThat(protocol.advance(shown)).hasSize(2).contains(new JobListEvent.SnapshotStarted());
    ServerError missed = ServerError.of(io.grpc.Status.OUT_OF_RANGE.asException());

    assertThat(protocol.restartsAfter(missed)).isTrue();

    assertThat(protocol.request().getResumeToken()).isEmpty();
    assertThat(protocol.advance(shown)).hasSize(2).contains(new JobListEvent.SnapshotStarted());
    assertThat(protocol.restartsAfter(ServerError.of(io.grpc.Status.NOT_FOUND.asException())))
        .isFalse();
  }

  @Test
  void resumesAfterALostConnectionWithoutANewSnapshot() throws Exception {
    try (JobListWatch watch = watcher.watchJobs(QUEUED)) {
      Iterator<JobListEvent> events = watch.iterator();
      next(events, JobListEvent.Synced.class::isInstance);
      List<String> created = new ArrayList<>();
      List<JobListEvent> seen = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        created.add(client.create(JobSpec.of("a")).id());
        // Only a change carries a resume token.
        seen.add(events.next());
        proxy.cut();
      }
      created.add(client.create(JobSpec.of("a")).id());
      seen.add(events.next());

      assertThat(seen)
          .allMatch(JobListEvent.Entered.class::isInstance)
          .extracting(event -> ((JobListEvent.Entered) event).job().getId())
          .isEqualTo(created);
    }
  }

  @Test
  void startsANewSnapshotIfTheServerForgotThePosition() {
    Set<String> created = new HashSet<>();
    created.add(client.create(JobSpec.of("a")).id());
    try (JobListWatch watch = watcher.watchJobs(QUEUED)) {
      Iterator<JobListEvent> events = watch.iterator();
      next(events, JobListEvent.Synced.class::isInstance);
      created.add(client.create(JobSpec.of("a")).id());
      next(events, JobListEvent.Entered.class::isInstance);

      server.restart();

      next(events, JobListEvent.SnapshotStarted.class::isInstance);
      Set<String> shown = new HashSet<>();
      for (JobListEvent event = events.next();
          event instanceof JobListEvent.SnapshotJob job;
          event = events.next()) {
        shown.add(job.job().getId());
      }
      assertThat(shown).isEqualTo(created);
    }
  }

  @Test
  void deliversTheSameEventsToASubscriber() {
    List<JobListEvent> seen = new CopyOnWriteArrayList<>();
    AtomicBoolean ended = new AtomicBoolean();
    JobListWatch watch = watcher.watchJobs(QUEUED);
    watch.subscribe(
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(JobListEvent event) {
            seen.add(event);
          }

          @Override
          public void onError(Throwable thrown) {
            throw new AssertionError(thrown);
          }

          @Override
          public void onComplete() {
            ended.set(true);
          }
        });
    await().until(() -> seen.size() == 2);
    client.create(JobSpec.of("a"));
    await().until(() -> seen.size() == 3);
    assertThat(seen.get(2)).isInstanceOf(JobListEvent.Entered.class);

    watch.close();

    await().untilTrue(ended);
  }

  @Test
  void failsIfTheServerRejectsTheFilter() {
    try (JobListWatch watch =
        watcher.watchJobs(JobFilter.newBuilder().setUserId("somebody-else").build())) {
      assertThatThrownBy(() -> watch.iterator().hasNext())
          .isInstanceOf(AccessDeniedException.class);
    }
  }
}
