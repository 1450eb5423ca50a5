package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.milepost.v1.AttemptOutcome;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests workers against the real server with a durable store, over a connection that breaks. */
@Timeout(90)
class RealServerWorkTest {
  private static final JobSpec SPEC = JobSpec.of("work").maxRetries(0);

  @TempDir Path folder;
  private TestServer server;
  private CutProxy proxy;
  private JobClient direct;
  private JobClient client;

  @BeforeEach
  void connect() {
    server = TestServer.durable(folder);
    proxy = new CutProxy(server.port());
    direct = JobClient.connect(server.target());
    client = JobClient.connect(proxy.target());
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    direct.close();
    proxy.close();
    server.close();
  }

  private List<JournalEntry> journal(String jobId) {
    return StreamSupport.stream(direct.journal(jobId).spliterator(), false).toList();
  }

  private List<String> lines(String jobId) {
    return journal(jobId).stream()
        .filter(JournalEntry::hasLog)
        .map(entry -> entry.getLog().getMessage())
        .filter(line -> !line.startsWith("Summary"))
        .toList();
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "line " + i).toList();
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void lostConnectionsCauseNoLossOrDuplicates() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              for (int i = 0; i < 300; i++) {
                ctx.logger().info("line " + i);
                ctx.logger().addOutcome("lines", 1);
                if (i % 60 == 30) {
                  ctx.flush();
                  ctx.logger().incrementProgress();
                  proxy.cut();
                }
                Thread.sleep(1);
              }
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getOutcomeMap()).isEqualTo(Map.of("lines", 300L));
    assertThat(lines(job.getId())).isEqualTo(numbered(300));
  }

  @Test
  void aHandlerDoesNotNoticeAServerRestart() {
    List<JobEvent> events = new ArrayList<>();
    AtomicReference<CompletableFuture<Void>> watching = new AtomicReference<>();
    Job job =
        client.run(
            SPEC,
            ctx -> {
              JobWatch watch = direct.watch(ctx.jobId());
              watching.set(CompletableFuture.runAsync(() -> watch.forEach(events::add)));
              for (int i = 0; i < 100; i++) {
                ctx.logger().info("line " + i);
                if (i == 50) {
                  ctx.flush();
                  server.restart();
                }
                Thread.sleep(1);
              }
              assertThat(ctx.isCancelRequested()).isFalse();
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getAttempt()).isEqualTo(1);
    assertThat(lines(job.getId())).isEqualTo(numbered(100));
    await().atMost(20, TimeUnit.SECONDS).until(() -> watching.get().isDone());
    assertThat(
            events.stream()
                .filter(JobEvent.Entry.class::isInstance)
                .map(event -> ((JobEvent.Entry) event).entry()))
        .isEqualTo(journal(job.getId()));
  }

  @Test
  void aWatchWithManyLostConnectionsReceivesTheWholeJournal() {
    List<JobEvent> events = new ArrayList<>();
    AtomicReference<CompletableFuture<Void>> watching = new AtomicReference<>();
    Job job =
        direct.run(
            SPEC,
            ctx -> {
              JobWatch watch = client.watch(ctx.jobId());
              watching.set(CompletableFuture.runAsync(() -> watch.forEach(events::add)));
              for (int i = 0; i < 400; i++) {
                ctx.logger().info("line " + i);
                if (i % 50 == 25) {
                  proxy.cut();
                }
                Thread.sleep(2);
              }
            });

    await().atMost(20, TimeUnit.SECONDS).until(() -> watching.get().isDone());
    assertThat(
            events.stream()
                .filter(JobEvent.Entry.class::isInstance)
                .map(event -> ((JobEvent.Entry) event).entry()))
        .isEqualTo(journal(job.getId()));
    JobEvent last = events.get(events.size() - 1);
    assertThat(lastState(last, job)).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  private static JobState lastState(JobEvent event, Job job) {
    if (event instanceof JobEvent.Status status) {
      return status.status().getState();
    } else if (event instanceof JobEvent.Entry entry) {
      return entry.entry().getStateChange().getToState();
    }
    return job.getStatus().getState();
  }

  @Test
  void aCancelReachesTheHandler() {
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC.lease(Duration.ofSeconds(2)),
                    ctx -> {
                      direct.cancel(ctx.jobId(), "enough");
                      ctx.track(IntStream.range(0, 10_000).boxed().toList(), "n")
                          .forEach(n -> sleep(5));
                    }))
        .isInstanceOf(JobCancelledException.class)
        .hasMessageContaining("enough");
  }

  /** Waits until the server has heard from the attempt since it was granted. */
  private void awaitHeard(String jobId) {
    Timestamp begun = direct.get(jobId).getStatus().getHeartbeatTime();
    await().until(() -> !direct.get(jobId).getStatus().getHeartbeatTime().equals(begun));
  }

  @Test
  void aQuietHandlerLearnsOfACancelAtOnce() {
    JobSpec silent = SPEC.lease(Duration.ofMinutes(5));
    for (JobSpec spec : List.of(silent, silent.cancelGrace(Duration.ofSeconds(6)))) {
      AtomicReference<Duration> learned = new AtomicReference<>();
      assertThatThrownBy(
              () ->
                  client.run(
                      spec,
                      ctx -> {
                        awaitHeard(ctx.jobId());
                        long asked = System.nanoTime();
                        direct.cancel(ctx.jobId(), "enough");
                        await().until(ctx::isCancelRequested);
                        learned.set(Duration.ofNanos(System.nanoTime() - asked));
                        ctx.throwIfCancelled();
                      }))
          .isInstanceOf(JobCancelledException.class)
          .hasMessageContaining("enough");
      // The next heartbeat would be due in 2 seconds or later.
      assertThat(learned.get()).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void aQuietHandlerLearnsOfACancelAfterTheStreamHasBroken() {
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC.lease(Duration.ofMinutes(5)),
                    ctx -> {
                      awaitHeard(ctx.jobId());
                      proxy.cut();
                      direct.cancel(ctx.jobId(), "enough");
                      await().until(ctx::isCancelRequested);
                      ctx.throwIfCancelled();
                    }))
        .isInstanceOf(JobCancelledException.class);
  }

  @Test
  void theLastErrorsAreReadFromTheEnd() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              for (int i = 0; i < 300; i++) {
                ctx.logger().info("line " + i);
                if (i % 100 == 50) {
                  ctx.logger().error("error " + i);
                }
              }
            });
    JournalOptions errors =
        JournalOptions.defaults()
            .levels(LogLevel.LOG_LEVEL_ERROR)
            .logsOnly()
            .attempt(1)
            .newestFirst()
            .pageSize(2);
    assertThat(direct.journal(job.getId(), errors))
        .extracting(entry -> entry.getLog().getMessage())
        .containsExactly("error 250", "error 150", "error 50");
    assertThat(direct.journal(job.getId(), errors.search("150"))).hasSize(1);
    assertThat(direct.journal(job.getId(), errors.until(Instant.EPOCH.plusSeconds(1)))).isEmpty();
    assertThat(direct.journal(job.getId(), errors.since(Instant.EPOCH))).hasSize(3);
  }

  @Test
  void anIgnoredCancelInterruptsTheHandlerInTimeToConfirm() {
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicReference<String> id = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC.lease(Duration.ofSeconds(2)).cancelGrace(Duration.ofSeconds(3)),
                    ctx -> {
                      id.set(ctx.jobId());
                      direct.cancel(ctx.jobId(), "enough");
                      try {
                        new CountDownLatch(1).await();
                      } finally {
                        interrupted.set(true);
                      }
                    }))
        .isInstanceOf(JobCancelledException.class);

    assertThat(interrupted).isTrue();
    Job job = direct.get(id.get());
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(job.getStatus().getError().getCode()).isEmpty();
  }

  @Test
  void aSilentWorkerLosesItsLease() {
    AtomicBoolean interrupted = new AtomicBoolean();
    try (Worker lost =
        Worker.builder(client)
            .handler(
                "work",
                ctx -> {
                  proxy.freeze();
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    interrupted.set(true);
                  }
                })
            .start()) {
      JobHandle job = direct.create(JobSpec.of("work").lease(Duration.ofSeconds(1)).maxRetries(0));
      assertThat(job.await(Duration.ofSeconds(20)).getStatus().getError().getCode())
          .isEqualTo("LEASE_EXPIRED");
      assertThat(interrupted).isFalse();
      proxy.release();
      await().atMost(20, TimeUnit.SECONDS).untilTrue(interrupted);
      assertThat(lost.stopped()).isNotDone();
    }
  }

  @Test
  void theNextAttemptResumesFromTheCheckpoint() {
    List<Integer> rows = new ArrayList<>();
    try (Worker worker =
        Worker.builder(client)
            .handler(
                "work",
                ctx -> {
                  int first =
                      ctx.checkpoint().map(saved -> ((Long) saved.get("row")).intValue()).orElse(0);
                  for (int row = first; row < 6; row++) {
                    rows.add(row);
                    ctx.saveCheckpoint(Map.of("row", row + 1));
                    if (row == 2 && ctx.attempt() == 1) {
                      throw new IllegalStateException("row 2");
                    }
                  }
                })
            .start()) {
      JobHandle job =
          client.create(
              JobSpec.of("work").retryBackoff(Duration.ofMillis(10), Duration.ofMillis(10), 1));
      Job ended = job.await(Duration.ofSeconds(20));
      assertThat(ended.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getStatus().getAttempts(0).getError().getCode()).isEqualTo("ILLEGAL_STATE");
      assertThat(worker.running()).isLessThanOrEqualTo(1);
    }
    assertThat(rows).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void twoWorkersShareJobsThroughLostConnectionsAndARestart() {
    Set<String> done = ConcurrentHashMap.newKeySet();
    Set<String> twice = ConcurrentHashMap.newKeySet();
    JobHandler handler =
        ctx -> {
          ctx.logger().info("line 0");
          sleep(10);
          ctx.logger().info("line 1");
          if (!done.add(ctx.jobId())) {
            twice.add(ctx.jobId());
          }
        };
    List<JobHandle> jobs;
    try (Worker one = Worker.builder(client).handler("work", handler).concurrency(3).start();
        Worker two = Worker.builder(direct).handler("work", handler).concurrency(3).start()) {
      jobs = IntStream.range(0, 60).mapToObj(i -> direct.create(SPEC)).toList();
      for (int i = 0; i < 5; i++) {
        sleep(20);
        try {
          proxy.cut();
        } catch (java.io.IOException e) {
          throw new AssertionError(e);
        }
      }
      server.restart();
      for (JobHandle job : jobs) {
        Job ended = job.await(Duration.ofSeconds(30));
        assertThat(ended.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
        assertThat(lines(job.id())).isEqualTo(numbered(2));
      }
      assertThat(one.stopped()).isNotDone();
      assertThat(two.stopped()).isNotDone();
    }
    assertThat(twice).isEmpty();
    assertThat(done).hasSize(60);
  }

  @Test
  void anotherWorkerRunsAReleasedJob() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    JobHandle job = client.create(SPEC);
    Worker first =
        Worker.builder(client)
            .handler(
                "work",
                ctx -> {
                  ctx.logger().info("line 0");
                  begun.countDown();
                  new CountDownLatch(1).await();
                })
            .start();
    begun.await();
    first.close(Duration.ofSeconds(1));
    assertThat(job.get().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    try (Worker second =
        Worker.builder(client).handler("work", ctx -> ctx.logger().info("line 1")).start()) {
      Job ended = job.await(Duration.ofSeconds(20));
      assertThat(ended.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getStatus().getAttempts(0).getOutcome())
          .isEqualTo(AttemptOutcome.ATTEMPT_OUTCOME_RELEASED);
      assertThat(second.workerId()).isEqualTo(first.workerId());
    }
    assertThat(lines(job.id())).isEqualTo(numbered(2));
  }
}
