package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that closing takes no longer than it may, whatever handlers and servers do. */
@Timeout(60)
class WorkerCloseTest {
  private static final JobSpec SPEC = JobSpec.of("work");
  private static final Duration TIMEOUT = Duration.ofMillis(800);

  /** For what a loaded machine adds. */
  private static final Duration SLACK = Duration.ofSeconds(2);

  private final FakeServer server = new FakeServer();
  private final CutProxy proxy = new CutProxy(server.port());
  private final JobClient client = JobClient.connect(proxy.target());
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  @AfterEach
  void close() throws Exception {
    ended.countDown();
    client.close(Duration.ZERO);
    proxy.close();
    server.close();
  }

  /** A handler that ignores its interrupts. */
  private void ignoreInterrupts(JobContext context) {
    begun.countDown();
    boolean isOver = false;
    while (!isOver) {
      try {
        ended.await();
        isOver = true;
      } catch (InterruptedException e) {
        context.logger().info("not now");
      }
    }
  }

  private Worker startBusyWorker() throws InterruptedException {
    client.create(SPEC);
    Worker worker = client.worker().handler("work", this::ignoreInterrupts).start();
    begun.await();
    return worker;
  }

  private static Duration timeOf(Runnable action) {
    long start = System.nanoTime();
    action.run();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void aHandlerThatIgnoresItsInterruptDelaysNothing() throws Exception {
    Worker worker = startBusyWorker();
    assertThat(timeOf(() -> worker.close(TIMEOUT)))
        .isBetween(TIMEOUT.dividedBy(2), TIMEOUT.plus(SLACK));
    await().until(() -> server.only().state() == JobState.JOB_STATE_QUEUED);
    assertThat(server.only().ends).containsExactly("ReleaseJobRequest");
    assertThat(worker.stopped()).isCompleted();
  }

  @Test
  void aHandlerThatIgnoresItsInterruptDoesNotKeepTheJvmRunning() throws Exception {
    startBusyWorker().close(Duration.ofMillis(10));
    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("milepost-"))
                    .allMatch(Thread::isDaemon));
  }

  @Test
  void aFrozenServerDelaysNothing() throws Exception {
    Worker worker = startBusyWorker();
    proxy.freeze();
    assertThat(timeOf(() -> worker.close(TIMEOUT))).isLessThan(TIMEOUT.plus(SLACK));
    assertThat(timeOf(() -> client.close(TIMEOUT))).isLessThan(TIMEOUT.plus(SLACK));
  }

  @Test
  void anIdleWorkerIsClosedAtOnceAndWithinItsTimeEvenIfTheServerIsFrozen() {
    Worker first = client.worker().handler("work", context -> {}).start();
    await().until(() -> server.calls("ClaimJobs") > 0);
    assertThat(timeOf(first::close)).isLessThan(SLACK);

    Worker second = client.worker().handler("work", context -> {}).start();
    int claims = server.calls("ClaimJobs");
    await().until(() -> server.calls("ClaimJobs") > claims);
    proxy.freeze();
    assertThat(timeOf(() -> second.close(Duration.ofMillis(100)))).isLessThan(SLACK);
  }

  @Test
  void withoutAnyTimeHandlersAreInterruptedAtOnce() throws Exception {
    CompletableFuture<Throwable> interrupted = new CompletableFuture<>();
    client.create(SPEC);
    Worker worker =
        client
            .worker()
            .handler(
                "work",
                context -> {
                  begun.countDown();
                  try {
                    ended.await();
                  } catch (InterruptedException e) {
                    interrupted.complete(e);
                    throw e;
                  }
                })
            .start();
    begun.await();
    assertThat(timeOf(() -> worker.close(Duration.ZERO))).isLessThan(SLACK);
    assertThat(interrupted.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    await().until(() -> server.only().state() == JobState.JOB_STATE_QUEUED);
    assertThatThrownBy(() -> worker.close(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("timeout: ");
  }

  @Test
  void aClientClosesItsWorkersAllAtTheSameTime() throws Exception {
    List<Worker> workers = new ArrayList<>();
    CountDownLatch allBegun = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      client.create(SPEC);
      workers.add(
          client
              .worker()
              .handler(
                  "work",
                  context -> {
                    allBegun.countDown();
                    ignoreInterrupts(context);
                  })
              .start());
    }
    allBegun.await();
    assertThat(timeOf(() -> client.close(TIMEOUT))).isLessThan(TIMEOUT.plus(SLACK));
    assertThat(workers).allSatisfy(worker -> assertThat(worker.stopped()).isCompleted());
  }

  @Test
  void aClientThatIsClosedWaitsForItsWorkersJobs() throws Exception {
    client.create(SPEC);
    Worker worker =
        client
            .worker()
            .handler(
                "work",
                context -> {
                  begun.countDown();
                  Thread.sleep(200);
                })
            .start();
    begun.await();
    client.close();
    assertThat(worker.stopped()).isCompleted();
    assertThat(server.only().state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aWorkerOfAClosedClientEndsAtOnce() {
    client.close();
    Worker worker = client.worker().handler("work", context -> {}).start();
    assertThatThrownBy(() -> worker.stopped().get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ServerUnavailableException.class)
        .hasMessageContaining("The client is closed.");
    worker.close();
  }
}
