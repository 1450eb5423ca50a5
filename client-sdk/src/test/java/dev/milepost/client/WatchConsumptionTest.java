package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests who may consume a watch, and that one consumer does not delay another. */
@Timeout(60)
class WatchConsumptionTest {
  private final FakeServer server = new FakeServer();
  private final JobClient client = JobClient.connect(server.target());
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService one = Executors.newSingleThreadExecutor();

  @BeforeEach
  void startJob() {
    synchronized (server) {
      FakeJob job = new FakeJob(server, "watched", JobSpec.of("t").toProto());
      server.jobs.put("watched", job);
      job.start();
      for (int i = 0; i < 2_000; i++) {
        job.log(LogEntry.newBuilder().setMessage("line").build());
      }
    }
  }

  @AfterEach
  void close() throws Exception {
    over.countDown();
    client.close();
    server.close();
    one.shutdownNow();
  }

  @Test
  void aLoopAndASubscriberDoNotMix() throws Exception {
    try (JobWatch looped = client.watch("watched");
        JobWatch subscribed = client.watch("watched")) {
      assertThat(looped.iterator().next()).isInstanceOf(JobEvent.Snapshot.class);
      Subscriber refused = new Subscriber(event -> {});
      looped.subscribe(refused);
      assertThat(refused.failure())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Open another watch");
      assertThat(looped.iterator().next()).isInstanceOf(JobEvent.Entry.class);

      Subscriber first = new Subscriber(event -> {});
      subscribed.subscribe(first);
      Subscriber second = new Subscriber(event -> {});
      subscribed.subscribe(second);
      assertThat(second.failure()).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(subscribed::iterator)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Open another watch");
      await().until(() -> first.received.get() > 2_000);
    }
  }

  @Test
  void subscribersThatBlockDelayNobody() throws Exception {
    List<JobWatch> watches = new ArrayList<>();
    CountDownLatch blocked = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      JobWatch watch = client.watch("watched");
      watches.add(watch);
      watch.subscribe(
          new Subscriber(
              event -> {
                blocked.countDown();
                over.await();
              }));
    }
    assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
    Subscriber quick = new Subscriber(event -> {});
    JobWatch watch = client.watch("watched");
    watches.add(watch);
    watch.subscribe(quick);
    await().until(() -> quick.received.get() > 2_000);
    CompletableFuture<String> call = client.async().get("watched").thenApply(job -> job.getId());
    assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo("watched");
    watches.forEach(Watch::close);
  }

  @Test
  void aBusySubscriberSharesTheOnlyThread() throws Exception {
    AtomicInteger busy = new AtomicInteger();
    try (JobClient shared = JobClient.builder(server.target()).executor(one).build();
        JobWatch first = shared.watch("watched");
        JobWatch second = shared.watch("watched")) {
      await().until(() -> first.buffered() > 0 && second.buffered() > 0);
      CompletableFuture<Integer> seenBySecond = new CompletableFuture<>();
      CountDownLatch bothReady = new CountDownLatch(1);
      one.execute(
          () -> {
            try {
              bothReady.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      first.subscribe(new Subscriber(event -> busy.incrementAndGet()));
      second.subscribe(new Subscriber(event -> seenBySecond.complete(busy.get())));
      bothReady.countDown();
      assertThat(seenBySecond.get(10, TimeUnit.SECONDS)).isLessThanOrEqualTo(64);
    }
  }

  @Test
  void anExecutorThatRefusesEndsTheSubscription() throws Exception {
    ExecutorService refusing = Executors.newCachedThreadPool();
    try (JobClient other = JobClient.builder(server.target()).executor(refusing).build();
        JobWatch watch = other.watch("watched")) {
      await().until(() -> watch.buffered() > 0);
      Subscriber subscriber = new Subscriber(event -> {});
      refusing.shutdown();
      watch.subscribe(subscriber);
      assertThat(subscriber.failure()).isInstanceOf(RejectedExecutionException.class);
    }
  }

  /** Something that may block. */
  private interface Action {
    void accept(JobEvent event) throws InterruptedException;
  }

  private static final class Subscriber implements Flow.Subscriber<JobEvent> {
    private final Action action;
    final AtomicInteger received = new AtomicInteger();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    Subscriber(Action action) {
      this.action = action;
    }

    Throwable failure() throws Exception {
      return failure.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(JobEvent event) {
      received.incrementAndGet();
      try {
        action.accept(event);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onError(Throwable thrown) {
      failure.complete(thrown);
    }

    @Override
    public void onComplete() {}
  }
}
