package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerTest {
  private static final JobSpec SPEC = JobSpec.of("work");

  private final FakeServer server = new FakeServer();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() throws InterruptedException {
    client.close();
    server.close();
  }

  private WorkerBuilder worker(JobHandler handler) {
    return Worker.builder(client).handler("work", handler).claimWait(Duration.ofSeconds(1));
  }

  @Test
  void runsTheJobsThatItClaims() {
    List<JobHandle> jobs = IntStream.range(0, 6).mapToObj(i -> client.create(SPEC)).toList();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Set<String> done = ConcurrentHashMap.newKeySet();
    try (Worker worker =
        worker(
                ctx -> {
                  most.accumulateAndGet(running.incrementAndGet(), Math::max);
                  Thread.sleep(20);
                  assertThat(done.add(ctx.jobId())).isTrue();
                  running.decrementAndGet();
                })
            .concurrency(2)
            .start()) {
      assertThat(worker.workerId()).contains(":");
      for (JobHandle job : jobs) {
        assertThat(job.await(Duration.ofSeconds(10)).getStatus().getState())
            .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      }
    }
    assertThat(done).hasSize(6);
    assertThat(most.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void aRetriedClaimReturnsTheSameJobs() {
    server.loseResponses("ClaimJobs", 2);
    JobHandle job = client.create(SPEC);
    AtomicInteger runs = new AtomicInteger();
    try (Worker worker = worker(ctx -> runs.incrementAndGet()).start()) {
      assertThat(job.await(Duration.ofSeconds(10)).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(worker.stopped()).isNotDone();
    }
    assertThat(runs).hasValue(1);
    assertThat(server.only().job().getStatus().getAttempt()).isEqualTo(1);
  }

  @Test
  void interruptsAHandlerThatIgnoresACancel() {
    server.lease = Duration.ofMillis(600);
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicBoolean askedBefore = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    try (Worker worker =
        worker(
                ctx -> {
                  begun.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    askedBefore.set(ctx.isCancelRequested());
                    interrupted.set(true);
                  }
                })
            .interruptAfter(Duration.ofMillis(300))
            .start()) {
      JobHandle job = client.create(SPEC);
      begun.await();
      job.cancel("stop it");
      assertThat(job.await(Duration.ofSeconds(10)).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(worker.running()).isLessThanOrEqualTo(1);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(interrupted).isTrue();
    assertThat(askedBefore).isTrue();
    assertThat(server.only().ends).containsExactly("ConfirmCancelRequest");
  }

  @Test
  void closeWaitsForRunningJobs() throws InterruptedException {
    client.create(SPEC);
    CountDownLatch begun = new CountDownLatch(1);
    Worker worker =
        worker(
                ctx -> {
                  begun.countDown();
                  Thread.sleep(300);
                  ctx.logger().info("done");
                })
            .start();
    begun.await();
    worker.close();

    assertThat(worker.running()).isZero();
    assertThat(worker.stopped()).isCompleted();
    assertThat(server.only().state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void closeReleasesJobsThatDoNotEndInTime() throws InterruptedException {
    client.create(SPEC);
    CountDownLatch begun = new CountDownLatch(1);
    Worker worker =
        worker(
                ctx -> {
                  ctx.logger().info("begun");
                  begun.countDown();
                  new CountDownLatch(1).await();
                })
            .start();
    begun.await();
    worker.close(Duration.ofSeconds(1));

    assertThat(server.only().state()).isEqualTo(JobState.JOB_STATE_QUEUED);
    assertThat(server.only().ends).containsExactly("ReleaseJobRequest");
    assertThat(server.only().reports).hasSize(1);
  }

  @Test
  void aClosedWorkerLeavesNoJobClaimed() {
    for (int i = 0; i < 20; i++) {
      Worker worker = worker(ctx -> {}).start();
      client.create(SPEC);
      worker.close();
    }
    try (Worker last = worker(ctx -> {}).concurrency(20).start()) {
      await()
          .atMost(10, TimeUnit.SECONDS)
          .untilAsserted(
              () -> {
                synchronized (server) {
                  assertThat(server.jobs.values())
                      .extracting(FakeJob::state)
                      .containsOnly(JobState.JOB_STATE_SUCCEEDED);
                }
              });
      assertThat(last.stopped()).isNotDone();
    }
  }

  @Test
  void continuesToClaimAfterAnOutage() throws Exception {
    Set<String> done = ConcurrentHashMap.newKeySet();
    try (Worker worker = worker(ctx -> done.add(ctx.jobId())).start()) {
      JobHandle first = client.create(SPEC);
      first.await(Duration.ofSeconds(10));
      server.restart(() -> {});
      JobHandle second = client.create(SPEC);
      assertThat(second.await(Duration.ofSeconds(20)).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(worker.stopped()).isNotDone();
    }
    assertThat(done).hasSize(2);
  }

  @Test
  void needsAHandler() {
    assertThatThrownBy(() -> Worker.builder(client).start())
        .isInstanceOf(IllegalStateException.class);
  }
}
