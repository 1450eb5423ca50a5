package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.JobError;
import dev.milepost.v1.JobState;
import dev.milepost.v1.LogEntry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that every job ends as it should, whatever its handler throws, and whenever. */
@Timeout(60)
class HostileHandlerTest {
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

  private JobError error() {
    synchronized (server) {
      return server.only().job().getStatus().getError();
    }
  }

  private List<LogEntry> lines() {
    synchronized (server) {
      List<LogEntry> lines = new ArrayList<>();
      server.only().reports.forEach(report -> lines.addAll(report.getLogsList()));
      return lines;
    }
  }

  @Test
  void aJobEndsWhateverItsHandlerThrowsAndLogs() {
    Random seeds = new Random();
    List<JobHandle> jobs = IntStream.range(0, 60).mapToObj(i -> client.create(SPEC)).toList();
    try (Worker worker =
        worker(context -> fail(context, seeds.nextLong())).concurrency(4).start()) {
      for (JobHandle job : jobs) {
        assertThat(job.await(Duration.ofSeconds(20)).getStatus().getState())
            .isEqualTo(JobState.JOB_STATE_FAILED);
      }
      await().until(() -> worker.running() == 0);
      assertThat(worker.stopped()).isNotDone();
    }
  }

  @SuppressWarnings("unchecked") // Erasure lets users pass maps with other keys.
  private static void fail(JobContext context, long seed) {
    Random random = new Random(seed);
    Map<Object, Object> values = new HostileValues(random).map();
    Throwable thrown = new HostileThrowables(random).throwable();
    context.logger().warning(null, (Map<String, ?>) (Map<?, ?>) values, thrown);
    context.logger().setStage(null, null);
    context.logger().message(null);
    context.items().failed("item", thrown.getClass().getSimpleName().isEmpty() ? "" : null);
    throw HostileValues.sneaky(thrown);
  }

  @Test
  void anExceptionWhoseGetMessageThrowsFailsTheJobWithItsClass() {
    class Broken extends RuntimeException {
      private static final long serialVersionUID = 1;

      @Override
      public String getMessage() {
        throw new IllegalStateException();
      }
    }
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    context -> {
                      throw new Broken();
                    }))
        .isInstanceOf(JobFailedException.class);
    assertThat(error().getCode()).isEqualTo("BROKEN");
    assertThat(error().getMessage()).startsWith(Broken.class.getName());
    assertThat(error().getStackTrace()).contains("HostileHandlerTest");
  }

  @Test
  void errorsOfTheVirtualMachineFailTheJob() {
    for (Error error : List.of(new StackOverflowError(), new OutOfMemoryError("heap"))) {
      assertThatThrownBy(
              () ->
                  client.run(
                      SPEC,
                      context -> {
                        throw error;
                      }))
          .isInstanceOf(JobFailedException.class)
          .cause()
          .isSameAs(error);
    }
    assertThat(server.jobs.values())
        .extracting(FakeJob::state)
        .containsOnly(JobState.JOB_STATE_FAILED);
  }

  @Test
  void whatAnInterruptOfTheWorkerCausesReleasesTheJob() throws InterruptedException {
    for (Exception caused :
        List.of(
            new InterruptedIOException(),
            new CancellationException(),
            new IllegalStateException("pool closed"))) {
      JobHandle job = stopDuring(() -> HostileValues.sneaky(caused));
      assertThat(job.get().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
      server.jobs.clear();
    }
  }

  @Test
  void aHandlerThatReturnsAfterAnInterruptHasStopped() throws InterruptedException {
    assertThat(stopDuring(() -> {}).get().getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void aJobFailureAfterAnInterruptFailsTheJob() throws InterruptedException {
    JobFailure failure = new JobFailure("NO_ROWS", "none", false);
    assertThat(stopDuring(() -> HostileValues.sneaky(failure)).get().getStatus().getState())
        .isEqualTo(JobState.JOB_STATE_FAILED);
  }

  private JobHandle stopDuring(Runnable afterInterrupt) throws InterruptedException {
    JobHandle job = client.create(SPEC);
    CountDownLatch begun = new CountDownLatch(1);
    Worker worker =
        worker(
                context -> {
                  begun.countDown();
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    afterInterrupt.run();
                  }
                })
            .start();
    begun.await();
    worker.close(Duration.ofSeconds(4)); // Two for the job, then its interrupt.
    await().until(() -> worker.running() == 0);
    return job;
  }

  @Test
  void anExceptionThatFollowsFromAnInterruptIsInTheLog() throws InterruptedException {
    stopDuring(
        () -> {
          throw new IllegalStateException("pool closed");
        });
    assertThat(lines())
        .anySatisfy(
            line ->
                assertThat(
                        line.getContext().getFieldsMap().get("exception_message").getStringValue())
                    .isEqualTo("pool closed"));
  }

  @Test
  void codeThatCatchesEverythingDoesNotTurnACancelledJobIntoASuccess() {
    server.lease = Duration.ofMillis(600);
    assertThatThrownBy(() -> client.run(SPEC, context -> catchEverything(context, false)))
        .isInstanceOf(JobCancelledException.class)
        .hasMessageContaining("enough");
    assertThat(server.only().ends).containsExactly("ConfirmCancelRequest");
  }

  @Test
  void aHandlerCanSayThatItCompletedInSpiteOfACancel() {
    server.lease = Duration.ofMillis(600);
    client.run(SPEC, context -> catchEverything(context, true));
    assertThat(server.only().state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  private void catchEverything(JobContext context, boolean completed) {
    client.cancel(context.jobId(), "enough");
    await().until(context::isCancelRequested);
    for (int row = 0; row < 10; row++) {
      try {
        context.throwIfCancelled();
        throw new IOException("never reached");
      } catch (Exception e) {
        context.logger().addFailed(1);
      }
    }
    if (completed) {
      context.completed();
    }
  }

  @Test
  void aCounterKeepsItsValueOrIsRefused() {
    client.run(
        SPEC,
        context -> {
          JobLogger log = context.logger();
          for (Number refused : List.of(1.5, Double.NaN, 1e19, new java.math.BigDecimal("0.1"))) {
            assertThatThrownBy(() -> log.saveOutcome(Map.of("ratio", refused)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ratio is " + refused);
          }
          log.saveOutcome(Map.of("a", 3.0, "b", Long.MAX_VALUE));
          for (int i = 0; i < 100; i++) {
            log.addOutcome("counter " + i, 1);
          }
        });
    Map<String, Long> values = server.only().reports.get(0).getOutcomeValuesMap();
    assertThat(values).isEqualTo(Map.of("a", 3L, "b", Long.MAX_VALUE));
    assertThat(server.only().reports.get(0).getOutcomeIncrementsMap()).hasSize(62);
    assertThat(lines()).filteredOn(line -> line.getMessage().contains("counter 62")).hasSize(1);
  }
}
