package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests jobs that code starts, holds and ends itself, against the real server. */
@Timeout(60)
class StartedJobTest {
  private static final JobSpec SPEC = JobSpec.of("import").maxRetries(0);

  private final TestServer server = TestServer.inMemory();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void anAsynchronousPipelineReportsFromAnyThreadAndEndsWithItsResult() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      CompletableFuture<Job> end =
          client
              .async()
              .start(SPEC)
              .thenComposeAsync(
                  job -> {
                    job.logger().setTotal(100);
                    CompletableFuture<?>[] parts = new CompletableFuture<?>[100];
                    for (int i = 0; i < parts.length; i++) {
                      String line = "line " + i;
                      parts[i] =
                          CompletableFuture.runAsync(
                              () -> {
                                job.logger().info(line);
                                job.logger().incrementProgress();
                                job.items().done("item-" + line.hashCode());
                              },
                              threads);
                    }
                    return CompletableFuture.allOf(parts)
                        .thenCompose(done -> job.complete(Map.of("lines", parts.length)));
                  },
                  threads);

      Job job = end.get(20, TimeUnit.SECONDS);

      assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(client.attach(job.getId()).result()).isEqualTo(Map.of("lines", 100L));
      assertThat(job.getStatus().getProgress().getCurrent()).isEqualTo(100);
      assertThat(job.getStatus().getItemCounts().getDone()).isEqualTo(100);
      assertThat(lines(job.getId())).contains("line 0", "line 99").hasSize(101);
    } finally {
      threads.shutdown();
    }
  }

  private List<String> lines(String jobId) {
    return StreamSupport.stream(client.journal(jobId).spliterator(), false)
        .filter(JournalEntry::hasLog)
        .map(entry -> entry.getLog().getMessage())
        .toList();
  }

  @Test
  void theLeaseIsKeptThoughNothingIsReported() {
    try (StartedJob job = client.start(SPEC.lease(Duration.ofSeconds(1)))) {
      await()
          .pollInterval(Duration.ofMillis(100))
          .timeout(Duration.ofSeconds(20))
          .until(
              () ->
                  Duration.between(
                              Times.instant(job.job().getStatus().getStartTime()),
                              Times.instant(
                                  client.get(job.jobId()).getStatus().getLeaseExpireTime()))
                          .toSeconds()
                      >= 3);
      assertThat(job.complete())
          .succeedsWithin(Duration.ofSeconds(10))
          .matches(ended -> ended.getStatus().getAttempt() == 1);
    }
  }

  @Test
  void aFailureIsReportedAsIfAHandlerHadThrownIt() {
    StartedJob job = client.start(SPEC);

    Job failed = job.fail(new JobFailure("NO_DISK", "the disk is full", false)).join();

    assertThat(failed.getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(failed.getStatus().getError().getCode()).isEqualTo("NO_DISK");
  }

  @Test
  void theWrapperOfAFutureDoesNotHideTheFailure() {
    StartedJob job = client.start(SPEC);

    Job failed =
        CompletableFuture.<Integer>failedFuture(new JobFailure("NO_DISK", "full", false))
            .thenCompose(lines -> job.complete(Map.of("lines", lines)))
            .exceptionallyCompose(job::fail)
            .join();

    assertThat(failed.getStatus().getError().getCode()).isEqualTo("NO_DISK");
  }

  @Test
  void closedWithoutAnEndTheJobFailsAndSaysSo() {
    StartedJob forgotten;
    try (StartedJob job = client.start(SPEC)) {
      forgotten = job;
      job.logger().info("half done");
    }

    Job job = client.get(forgotten.jobId());
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(job.getStatus().getError().getCode()).isEqualTo(StartedJob.NOT_COMPLETED);
    assertThat(lines(job.getId())).containsExactly("half done");

    try (StartedJob retried = client.start(JobSpec.of("import").maxRetries(1))) {
      forgotten = retried;
    }
    assertThat(client.get(forgotten.jobId()).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void theFirstEndDecides() {
    try (StartedJob job = client.start(SPEC)) {
      CompletableFuture<Job> first = job.complete(Map.of("n", 1));
      CompletableFuture<Job> second = job.fail(new IllegalStateException("too late"));

      assertThat(first.join().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(second.join()).isEqualTo(first.join());
      job.logger().info("dropped, without an error");
      job.close();
      assertThat(client.get(job.jobId())).isEqualTo(first.join());
    }
  }

  @Test
  void cancellingTheFutureOfAnEndDoesNotStopTheEnd() {
    StartedJob job = client.start(SPEC);

    assertThat(job.complete().cancel(true)).isTrue();

    assertThat(client.await(job.jobId(), Duration.ofSeconds(10)).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aCancelReachesTheHolderWhichConfirmsIt() throws InterruptedException {
    StartedJob job = client.start(SPEC);
    CountDownLatch told = new CountDownLatch(2);
    assertThatIllegalStateException().isThrownBy(job::confirmCancel);
    job.onCancel(
        () -> {
          told.countDown();
          throw new IllegalStateException("logged, and harms nothing");
        });
    job.onCancel(told::countDown);

    client.cancel(job.jobId(), "enough");

    assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(job.isCancelRequested()).isTrue();
    assertThat(job.cancelReason()).contains("enough");
    CountDownLatch later = new CountDownLatch(1);
    job.onCancel(later::countDown);
    assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(job.confirmCancel().join().getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void workThatStopsOrIsClosedAfterACancelConfirmsIt() {
    StartedJob stopping = client.start(SPEC);
    StartedJob closed = client.start(SPEC);
    for (StartedJob job : List.of(stopping, closed)) {
      client.cancel(job.jobId(), "enough");
      await().until(job::isCancelRequested);
    }

    assertThatThrownBy(stopping::throwIfCancelled)
        .isInstanceOfSatisfying(
            JobCancelledException.class,
            thrown ->
                assertThat(stopping.fail(thrown).join().getStatus().getState())
                    .isEqualTo(JobState.JOB_STATE_CANCELLED));
    closed.close();
    assertThat(client.get(closed.jobId()).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(client.get(closed.jobId()).getStatus().hasError()).isFalse();
  }

  @Test
  void aReleasedJobIsTakenByAWorker() {
    StartedJob job = client.start(SPEC);
    job.saveCheckpoint(Map.of("offset", 7));
    job.release("not here").join();

    try (Worker worker =
        client
            .worker()
            .handler("import", context -> context.result(context.checkpoint().orElseThrow()))
            .start()) {
      assertThat(client.attach(job.jobId()).result()).isEqualTo(Map.of("offset", 7L));
      assertThat(worker.workerId()).isNotEmpty();
    }
  }

  @Test
  void anEndAfterTheLeaseIsLostFailsWithThatItself() {
    StartedJob job = client.start(SPEC.cancelGrace(Duration.ofSeconds(1)));
    client.cancel(job.jobId(), "");
    assertThat(client.await(job.jobId(), Duration.ofSeconds(20)).getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_CANCELLED);
    CompletableFuture<Throwable> failure = new CompletableFuture<>();

    CompletableFuture<?> unused =
        job.complete().whenComplete((ended, thrown) -> failure.complete(thrown));

    assertThat(failure)
        .succeedsWithin(Duration.ofSeconds(10))
        .isInstanceOf(LeaseLostException.class);
    assertThatThrownBy(job::close).isInstanceOf(LeaseLostException.class);
  }

  @Test
  void aJobThatNothingRefersToIsEnded() {
    String id = forgotten();

    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              return JobStates.isFinished(client.get(id));
            });
    assertThat(client.get(id).getStatus().getError().getCode()).isEqualTo(StartedJob.NOT_COMPLETED);
  }

  private String forgotten() {
    StartedJob job = client.start(SPEC);
    job.logger().info("and then nothing");
    return job.jobId();
  }

  @Test
  void aStartedJobIsCurrentWhereItsHolderSaysSo() {
    try (StartedJob job = client.start(SPEC)) {
      try (JobContext.Scope scope = job.makeCurrent()) {
        assertThat(JobContext.current()).isSameAs(job);
      }
      job.complete().join();
    }
  }
}
