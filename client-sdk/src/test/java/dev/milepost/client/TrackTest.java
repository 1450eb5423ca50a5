package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests loops that report their progress, with the real server. */
@Timeout(60)
class TrackTest {
  private static final List<Integer> ROWS = IntStream.range(0, 300).boxed().toList();

  private static final JobSpec RETRIED =
      JobSpec.of("load").maxRetries(1).retryBackoff(Duration.ofMillis(1), Duration.ofMillis(1), 1);

  private final TestServer server = TestServer.inMemory();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void progressAndCountersAgreeAfterAResume() {
    JobHandle job = client.create(RETRIED);
    try (Worker worker =
        client
            .worker()
            .handler(
                "load",
                context -> {
                  int done =
                      context.checkpoint().map(c -> ((Number) c.get("done")).intValue()).orElse(0);
                  List<Integer> rest = ROWS.subList(done, ROWS.size());
                  for (Integer row : context.track(rest, "rows", done)) {
                    if (row == 226 && context.attempt() == 1) {
                      throw new IllegalStateException("the process dies here");
                    }
                    context.logger().addOutcome("loaded", 1);
                    context.saveCheckpoint(Map.of("done", ++done));
                  }
                })
            .start()) {
      Job finished = job.await(Duration.ofSeconds(30));
      assertThat(finished.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(finished.getStatus().getAttempt()).isEqualTo(2);
      Progress progress = finished.getStatus().getProgress();
      assertThat(progress.getCurrent()).isEqualTo(300);
      assertThat(progress.getTotal()).isEqualTo(300);
      assertThat(progress.getUnit()).isEqualTo("rows");
      assertThat(finished.getStatus().getOutcomeMap()).containsEntry("loaded", 300L);
    }
  }

  @Test
  void withoutACheckpointTheCountersStartFromScratch() {
    JobHandle job = client.create(RETRIED);
    try (Worker worker =
        client
            .worker()
            .handler(
                "load",
                context -> {
                  for (Integer row : context.track(ROWS, "rows")) {
                    if (row == 226 && context.attempt() == 1) {
                      throw new IllegalStateException("the process dies here");
                    }
                    context.logger().addOutcome("loaded", 1);
                  }
                })
            .start()) {
      Job finished = job.await(Duration.ofSeconds(30));
      assertThat(finished.getStatus().getProgress().getCurrent()).isEqualTo(300);
      assertThat(finished.getStatus().getOutcomeMap()).containsEntry("loaded", 300L);
    }
  }

  /** A catch around each row must not swallow the cancel. */
  @Test
  void aCancelIsNotARowThatFailed() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicInteger failed = new AtomicInteger();
    JobHandle job = client.create(JobSpec.of("load"));
    try (Worker worker =
        client
            .worker()
            .handler(
                "load",
                context -> {
                  for (Integer row : context.track(ROWS, "rows")) {
                    try {
                      begun.countDown();
                      Thread.sleep(50);
                      context.throwIfCancelled();
                    } catch (Exception e) {
                      failed.incrementAndGet();
                      context.logger().warning("row " + row + " failed", e);
                    }
                  }
                })
            .start()) {
      begun.await();
      job.cancel("enough");
      assertThat(job.await(Duration.ofSeconds(30)).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(failed).hasValueLessThanOrEqualTo(1);
    }
  }

  @Test
  void whatIsDoneIsNotNegative() {
    assertThatThrownBy(
            () ->
                client.run(
                    JobSpec.of("load").maxRetries(0), context -> context.track(ROWS, "rows", -1)))
        .hasRootCauseInstanceOf(IllegalArgumentException.class)
        .rootCause()
        .hasMessageStartingWith("alreadyDone: ");
  }
}
