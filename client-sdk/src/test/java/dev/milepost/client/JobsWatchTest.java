package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
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

/** Following many jobs, against the real server, through a connection that can be cut. */
@Timeout(60)
class JobsWatchTest {
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

  private static JobsEvent next(Iterator<JobsEvent> events, Predicate<JobsEvent> wanted) {
    JobsEvent event = events.next();
    while (!wanted.test(event)) {
      event = events.next();
    }
    return event;
  }

  @Test
  void aSnapshotComesFirstAndThenWhatHappens() {
    String first = client.create(JobSpec.of("a")).id();
    try (JobsWatch watch = watcher.watchJobs(QUEUED)) {
      Iterator<JobsEvent> events = watch.iterator();
      assertThat(events.next()).isEqualTo(new JobsEvent.SnapshotBegun());
      assertThat(((JobsEvent.Shown) events.next()).job().getId()).isEqualTo(first);
      assertThat(((JobsEvent.Synced) events.next()).counts())
          .containsEntry(JobState.JOB_STATE_QUEUED, 1L);

      String second = client.create(JobSpec.of("a")).id();
      JobsEvent.Entered entered =
          (JobsEvent.Entered) next(events, JobsEvent.Entered.class::isInstance);
      assertThat(entered.job().getId()).isEqualTo(second);
      assertThat(entered.counts()).containsEntry(JobState.JOB_STATE_QUEUED, 2L);

      client.update(first, JobUpdate.none().priority(7));
      JobsEvent.Changed changed =
          (JobsEvent.Changed) next(events, JobsEvent.Changed.class::isInstance);
      assertThat(changed.job().getSpec().getPriority()).isEqualTo(7);

      client.cancel(first, "");
      JobsEvent.Left left = (JobsEvent.Left) next(events, JobsEvent.Left.class::isInstance);
      assertThat(left.job().getId()).isEqualTo(first);
    }
  }

  @Test
  void aSnapshotThatTheServerCannotFinishBeginsAnew() {
    JobsWatchProtocol protocol = new JobsWatchProtocol(QUEUED);
    WatchJobsResponse shown =
        WatchJobsResponse.newBuilder().setEvent(WatchEvent.WATCH_EVENT_SNAPSHOT).build();
    assertThat(protocol.request().getResumeToken()).isEmpty();
    assertThat(protocol.advance(shown)).hasSize(2).contains(new JobsEvent.SnapshotBegun());
    ServerError missed = ServerError.of(io.grpc.Status.OUT_OF_RANGE.asException());

    assertThat(protocol.beginsAnewAfter(missed)).isTrue();

    assertThat(protocol.request().getResumeToken()).isEmpty();
    assertThat(protocol.advance(shown)).hasSize(2).contains(new JobsEvent.SnapshotBegun());
    assertThat(protocol.beginsAnewAfter(ServerError.of(io.grpc.Status.NOT_FOUND.asException())))
        .isFalse();
  }

  @Test
  void itGoesOnAfterACutWithoutANewSnapshot() throws Exception {
    try (JobsWatch watch = watcher.watchJobs(QUEUED)) {
      Iterator<JobsEvent> events = watch.iterator();
      next(events, JobsEvent.Synced.class::isInstance);
      List<String> created = new ArrayList<>();
      List<JobsEvent> seen = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        created.add(client.create(JobSpec.of("a")).id());
        // Only a change brings a place to go on from.
        seen.add(events.next());
        proxy.cut();
      }
      created.add(client.create(JobSpec.of("a")).id());
      seen.add(events.next());

      assertThat(seen)
          .allMatch(JobsEvent.Entered.class::isInstance)
          .extracting(event -> ((JobsEvent.Entered) event).job().getId())
          .isEqualTo(created);
    }
  }

  @Test
  void aServerThatForgotThePlaceBringsANewSnapshot() {
    Set<String> created = new HashSet<>();
    created.add(client.create(JobSpec.of("a")).id());
    try (JobsWatch watch = watcher.watchJobs(QUEUED)) {
      Iterator<JobsEvent> events = watch.iterator();
      next(events, JobsEvent.Synced.class::isInstance);
      created.add(client.create(JobSpec.of("a")).id());
      next(events, JobsEvent.Entered.class::isInstance);

      server.restart();

      next(events, JobsEvent.SnapshotBegun.class::isInstance);
      Set<String> shown = new HashSet<>();
      for (JobsEvent event = events.next();
          event instanceof JobsEvent.Shown job;
          event = events.next()) {
        shown.add(job.job().getId());
      }
      assertThat(shown).isEqualTo(created);
    }
  }

  @Test
  void aSubscriberGetsTheSame() {
    List<JobsEvent> seen = new CopyOnWriteArrayList<>();
    AtomicBoolean ended = new AtomicBoolean();
    JobsWatch watch = watcher.watchJobs(QUEUED);
    watch.subscribe(
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(JobsEvent event) {
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
    assertThat(seen.get(2)).isInstanceOf(JobsEvent.Entered.class);

    watch.close();

    await().untilTrue(ended);
  }

  @Test
  void whatIsNotAllowedIsAnErrorOfItsOwn() {
    try (JobsWatch watch =
        watcher.watchJobs(JobFilter.newBuilder().setUserId("somebody-else").build())) {
      assertThatThrownBy(() -> watch.iterator().hasNext())
          .isInstanceOf(AccessDeniedException.class);
    }
  }
}
