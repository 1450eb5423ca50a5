package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobState;
import dev.milepost.v1.LogEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JobWatchTest {
  private final FakeServer server = new FakeServer();
  private final CutProxy proxy = new CutProxy(server.port());
  private final JobClient client = JobClient.connect(proxy.target());
  private FakeJob job;

  @BeforeEach
  void startJob() {
    synchronized (server) {
      job = new FakeJob(server, "watched", JobSpec.of("t").toProto());
      server.jobs.put("watched", job);
      job.start();
    }
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    proxy.close();
    server.close();
  }

  private void log(int count) {
    synchronized (server) {
      for (int i = 0; i < count; i++) {
        job.log(LogEntry.newBuilder().setMessage("x".repeat(100)).build());
      }
      server.changed();
    }
  }

  private void finish() {
    synchronized (server) {
      job.end(
          job.grant().getAttemptToken(),
          dev.milepost.v1.Report.getDefaultInstance(),
          "done",
          JobState.JOB_STATE_SUCCEEDED);
      server.changed();
    }
  }

  private static List<Long> sequences(List<JobEvent> events) {
    return events.stream()
        .filter(JobEvent.Entry.class::isInstance)
        .map(event -> ((JobEvent.Entry) event).entry().getSequence())
        .toList();
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  void aLoopReceivesEachEventOnceAndEnds() {
    log(50);
    finish();
    List<JobEvent> events = new ArrayList<>();
    try (JobWatch watch = client.watch("watched")) {
      watch.forEach(events::add);
      assertThat(watch.sequence()).isEqualTo(53);
    }
    assertThat(events.get(0)).isInstanceOf(JobEvent.Snapshot.class);
    assertThat(sequences(events)).isEqualTo(upTo(53));
  }

  @Test
  void resumesAfterALostConnectionWithoutLossOrDuplicates() throws Exception {
    server.watches.overlaps = true;
    List<JobEvent> events = new ArrayList<>();
    CompletableFuture<Void> loop;
    try (JobWatch watch = client.watch("watched")) {
      loop = CompletableFuture.runAsync(() -> watch.forEach(event -> add(events, event)));
      for (int i = 0; i < 8; i++) {
        log(40);
        int expected = 2 + 20 + i * 40;
        await().until(() -> size(events) > expected);
        proxy.cut();
      }
      finish();
      loop.get(20, TimeUnit.SECONDS);
    }
    assertThat(sequences(events)).isEqualTo(upTo(323));
    assertThat(events.stream().filter(JobEvent.Snapshot.class::isInstance)).hasSizeGreaterThan(3);
  }

  private static void add(List<JobEvent> events, JobEvent event) {
    synchronized (events) {
      events.add(event);
    }
  }

  private static int size(List<JobEvent> events) {
    synchronized (events) {
      return sequences(events).size();
    }
  }

  @Test
  void startsAfterASequence() {
    log(10);
    finish();
    List<JobEvent> events = new ArrayList<>();
    try (JobWatch watch = client.watch("watched", 8)) {
      watch.forEach(events::add);
    }
    assertThat(sequences(events)).containsExactly(9L, 10L, 11L, 12L, 13L);
  }

  @Test
  void aSlowConsumerSlowsDownTheStream() {
    log(40_000);
    try (JobWatch watch = client.watch("watched")) {
      Iterator<JobEvent> events = watch.iterator();
      assertThat(events.next()).isInstanceOf(JobEvent.Snapshot.class);
      await()
          .during(Duration.ofMillis(300))
          .until(() -> watch.buffered() <= WatchConnection.PREFETCH);
      assertThat(server.watches.sent()).isLessThan(40_000);

      List<Long> sequences = new ArrayList<>();
      while (sequences.size() < 40_002) {
        if (events.next() instanceof JobEvent.Entry entry) {
          sequences.add(entry.entry().getSequence());
        }
        assertThat(watch.buffered()).isLessThanOrEqualTo(WatchConnection.PREFETCH);
      }
      assertThat(sequences).isEqualTo(upTo(40_002));
    }
  }

  @Test
  void reconnectsAfterTheIdleTimeout() {
    WatchOptions options = WatchOptions.defaults().idleTimeout(Duration.ofMillis(400));
    try (JobWatch watch = client.watch("watched", options)) {
      Iterator<JobEvent> events = watch.iterator();
      List<JobEvent> seen = new ArrayList<>();
      while (sequences(seen).size() < 2) {
        seen.add(events.next());
      }
      server.watches.silent = true;
      log(3);
      await().until(() -> server.calls("WatchJob") >= 2);
      server.watches.silent = false;
      finish();
      events.forEachRemaining(seen::add);
      assertThat(sequences(seen)).isEqualTo(upTo(6));
    }
  }

  @Test
  void reconnectsIfTheStreamEndsBeforeTheJob() {
    server.watches.endsEarly = true;
    log(3);
    List<JobEvent> seen = new ArrayList<>();
    try (JobWatch watch = client.watch("watched")) {
      Iterator<JobEvent> events = watch.iterator();
      while (sequences(seen).size() < 5) {
        seen.add(events.next());
      }
      await().until(() -> server.calls("WatchJob") >= 2);
      finish();
      events.forEachRemaining(seen::add);
    }
    assertThat(sequences(seen)).isEqualTo(upTo(6));
  }

  @Test
  void failsIfTheJobDoesNotExist() {
    try (JobWatch watch = client.watch("nowhere")) {
      assertThatThrownBy(() -> watch.iterator().hasNext()).isInstanceOf(JobNotFoundException.class);
    }
    assertThat(server.calls("WatchJob")).isEqualTo(1);
  }

  @Test
  void closeEndsALoop() throws Exception {
    JobWatch watch = client.watch("watched");
    CompletableFuture<Void> loop = CompletableFuture.runAsync(() -> watch.forEach(event -> {}));
    await().until(() -> watch.sequence() == 2);
    watch.close();
    loop.get(5, TimeUnit.SECONDS);
  }

  @Test
  void aSubscriberReceivesWhatItRequests() throws Exception {
    log(98);
    finish();
    List<JobEvent> events = new ArrayList<>();
    CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    CompletableFuture<Void> complete = new CompletableFuture<>();
    try (JobWatch watch = client.watch("watched")) {
      watch.subscribe(
          new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
              subscribed.complete(subscription);
            }

            @Override
            public void onNext(JobEvent event) {
              add(events, event);
            }

            @Override
            public void onError(Throwable thrown) {
              complete.completeExceptionally(thrown);
            }

            @Override
            public void onComplete() {
              complete.complete(null);
            }
          });
      Flow.Subscription subscription = subscribed.get(5, TimeUnit.SECONDS);
      subscription.request(10);
      await().until(() -> events.size() == 10);
      await().during(Duration.ofMillis(100)).until(() -> events.size() == 10);
      subscription.request(Long.MAX_VALUE);
      complete.get(5, TimeUnit.SECONDS);
    }
    assertThat(sequences(events)).isEqualTo(upTo(101));
  }

  @Test
  void anErrorInASubscriberEndsItsSubscription() throws Exception {
    log(10);
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    try (JobWatch watch = client.watch("watched")) {
      watch.subscribe(
          new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
              subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(JobEvent event) {
              throw new LinkageError("in the subscriber");
            }

            @Override
            public void onError(Throwable thrown) {
              failed.complete(thrown);
              throw new AssertionError("again");
            }

            @Override
            public void onComplete() {}
          });
      assertThat(failed.get(10, TimeUnit.SECONDS)).hasMessage("in the subscriber");
    }
  }
}
