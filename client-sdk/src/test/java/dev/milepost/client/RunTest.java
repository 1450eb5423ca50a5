package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.Report;
import dev.milepost.v1.SubOperationState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunTest {
  private static final JobSpec SPEC = JobSpec.of("sync").params(Map.of("batch", 100));

  private final FakeServer server = new FakeServer();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() throws InterruptedException {
    client.close();
    server.close();
  }

  private List<LogEntry> lines() {
    synchronized (server) {
      List<LogEntry> lines = new ArrayList<>();
      server.only().reports.forEach(report -> lines.addAll(report.getLogsList()));
      return lines;
    }
  }

  private Report lastReport() {
    List<Report> reports = server.only().reports;
    return reports.get(reports.size() - 1);
  }

  @Test
  void theLinesOfTheReadmeRun() {
    List<String> users = List.of("ann", "bob", "eve");
    List<String> synced = new ArrayList<>();
    try (var readme = JobClient.connect(server.target())) {
      readme.run(
          JobSpec.of("user-sync").params(Map.of("batch", 100)),
          ctx -> {
            JobLogger log = ctx.logger();
            log.setStage("Loading users", "from the database");
            for (String user : ctx.track(users, "users")) {
              synced.add(user);
              log.addOutcome("synced", 1);
            }
            log.milestone("Sync complete", Map.of("total", users.size()));
          });
    }

    assertThat(synced).isEqualTo(users);
    Report report = lastReport();
    assertThat(report.getStage().getName()).isEqualTo("Loading users");
    assertThat(report.getProgress().getCurrent()).isEqualTo(3);
    assertThat(report.getProgress().getTotal()).isEqualTo(3);
    assertThat(report.getProgress().getUnit()).isEqualTo("users");
    assertThat(report.getOutcomeIncrementsMap()).isEqualTo(Map.of("synced", 3L));
    assertThat(lines())
        .extracting(LogEntry::getLevel)
        .containsExactly(LogLevel.LOG_LEVEL_MILESTONE, LogLevel.LOG_LEVEL_INFO);
    assertThat(lines().get(1).getMessage()).startsWith("Summary: 3 of 3 users in");
  }

  @Test
  void shortWorkTakesTwoCalls() {
    Job job = client.run(SPEC, ctx -> ctx.result(Map.of("answer", 42)));

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(Structs.map(job.getStatus().getResult())).isEqualTo(Map.of("answer", 42L));
    assertThat(server.calls).containsOnlyKeys("CreateJob", "CompleteJob");
  }

  @Test
  void theContextDescribesTheJob() {
    client.run(
        SPEC.displayName("Sync all"),
        CreateOptions.defaults().jobId("mine"),
        ctx -> {
          assertThat(ctx.jobId()).isEqualTo("mine");
          assertThat(ctx.jobName()).isEqualTo("Sync all");
          assertThat(ctx.attempt()).isEqualTo(1);
          assertThat(ctx.params().getLong("batch")).isEqualTo(100);
          assertThat(ctx.checkpoint()).isEmpty();
          assertThat(ctx.isCancelRequested()).isFalse();
        });
    assertThat(server.only().ends).containsExactly("CompleteJobRequest");
  }

  @Test
  void anExceptionFailsTheJobAndReachesTheCaller() {
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      ctx.logger().addOutcome("synced", 7);
                      throw new IllegalStateException("no database");
                    }))
        .isInstanceOf(JobFailedException.class)
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ILLEGAL_STATE: no database");

    var error = server.only().job().getStatus().getError();
    assertThat(error.getCode()).isEqualTo("ILLEGAL_STATE");
    assertThat(error.getRetryable()).isTrue();
    assertThat(error.getStackTrace()).contains("RunTest");
    assertThat(lastReport().getOutcomeIncrementsMap()).isEqualTo(Map.of("synced", 7L));
    assertThat(lines().get(0).getMessage()).contains("synced 7");
  }

  @Test
  void aHandlerCanFailTheJobWithoutRetries() {
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      throw new JobFailure("bad-input", "row 7", false);
                    }))
        .isInstanceOf(JobFailedException.class);

    var error = server.only().job().getStatus().getError();
    assertThat(error.getCode()).isEqualTo("BAD_INPUT");
    assertThat(error.getRetryable()).isFalse();
  }

  @Test
  void lostResponsesAreNotNoticed() {
    server.loseResponses("CreateJob", 2);
    server.loseResponses("CompleteJob", 2);

    Job job = client.run(SPEC, ctx -> ctx.logger().info("once"));

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(server.jobs).hasSize(1);
    assertThat(server.calls("CreateJob")).isEqualTo(3);
    assertThat(server.calls("CompleteJob")).isEqualTo(3);
    assertThat(lines()).extracting(LogEntry::getMessage).containsExactly("once");
  }

  @Test
  void aCancelReachesTheHandlerCooperatively() {
    server.lease = java.time.Duration.ofMillis(600);
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      client.cancel(ctx.jobId(), "enough");
                      await().until(ctx::isCancelRequested);
                      assertThat(ctx.cancelReason()).contains("enough");
                      ctx.throwIfCancelled();
                    }))
        .isInstanceOf(JobCancelledException.class)
        .hasMessageContaining("enough");

    assertThat(server.only().ends).containsExactly("ConfirmCancelRequest");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void workThatCompletesAfterACancelSucceeds() {
    server.lease = java.time.Duration.ofMillis(600);
    Job job =
        client.run(
            SPEC,
            ctx -> {
              client.cancel(ctx.jobId(), "enough");
              await().until(ctx::isCancelRequested);
            });
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void losingTheLeaseInterruptsTheHandler() {
    server.lease = java.time.Duration.ofMillis(600);
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicReference<Throwable> afterwards = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      synchronized (server) {
                        server.only().expire();
                      }
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.set(true);
                      }
                      try {
                        ctx.throwIfCancelled();
                      } catch (LeaseLostException e) {
                        afterwards.set(e);
                      }
                      ctx.logger().info("not received");
                    }))
        .isInstanceOf(LeaseLostException.class);

    assertThat(interrupted).isTrue();
    assertThat(afterwards.get()).isNotNull();
    assertThat(server.only().ends).isEmpty();
    assertThat(lines()).isEmpty();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void clearsAnInterruptThatWasMeantForTheHandler() {
    server.lease = java.time.Duration.ofMillis(600);
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      synchronized (server) {
                        server.only().expire();
                      }
                      while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                      }
                      ctx.throwIfCancelled();
                    }))
        .isInstanceOf(LeaseLostException.class);

    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void preservesAnExternalInterrupt() {
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      Thread.currentThread().interrupt();
                      throw new InterruptedException("from outside");
                    }))
        .isInstanceOf(JobFailedException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(server.only().job().getStatus().getError().getCode()).isEqualTo("INTERRUPTED");
  }

  @Test
  void reportsAPipeline() {
    client.run(
        SPEC,
        ctx -> {
          Pipeline pipeline = ctx.pipeline().add("load", "Load", 1).add("hash", "Hash", 3);
          pipeline.update("load", 0.5);
          pipeline.complete("load");
          pipeline.update("hash", 0.25);
          pipeline.fail("hash");
          assertThatThrownBy(() -> pipeline.update("none", 1))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> pipeline.add("load", "again"))
              .isInstanceOf(IllegalArgumentException.class);
        });

    var parts = lastReport().getProgress().getSubOperationsList();
    assertThat(parts).extracting(part -> part.getFraction()).containsExactly(1.0, 0.25);
    assertThat(parts).extracting(part -> part.getWeight()).containsExactly(1.0, 3.0);
    assertThat(parts)
        .extracting(part -> part.getState())
        .containsExactly(
            SubOperationState.SUB_OPERATION_STATE_DONE,
            SubOperationState.SUB_OPERATION_STATE_FAILED);
  }

  @Test
  void trackStopsBeforeTheNextElement() {
    server.lease = java.time.Duration.ofMillis(600);
    List<Integer> seen = new ArrayList<>();
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      for (int i : ctx.track(List.of(1, 2, 3, 4), "numbers")) {
                        seen.add(i);
                        if (i == 2) {
                          client.cancel(ctx.jobId(), "");
                          await().until(ctx::isCancelRequested);
                        }
                      }
                    }))
        .isInstanceOf(JobCancelledException.class);

    assertThat(seen).containsExactly(1, 2);
    assertThat(server.only().job().getStatus().getProgress().getCurrent()).isEqualTo(2);
  }

  @Test
  void logsARejectedPartOfAReportAndContinuesTheJob() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              ctx.logger().setStage("INVALID");
              ctx.logger().info("with it");
              ctx.flush();
              ctx.logger().info("after it");
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lines()).hasSize(3);
    assertThat(lines().get(0).getMessage()).isEqualTo("with it");
    assertThat(lines().get(1).getMessage()).contains("rejected");
    assertThat(lines().get(2).getMessage()).isEqualTo("after it");
  }

  @Test
  void endsTheJobEvenIfAPartOfTheLastReportIsRejected() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              ctx.logger().info("with it");
              ctx.logger().setStage("INVALID");
              ctx.logger().addOutcome("n", 1);
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lines().get(0).getMessage()).isEqualTo("with it");
    assertThat(lines()).anyMatch(line -> line.getMessage().contains("rejected"));
    assertThat(lastReport().getOutcomeIncrementsMap()).isEqualTo(Map.of("n", 1L));
  }

  @Test
  void closingTheClientEndsTheRun() {
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    ctx -> {
                      new Thread(client::close).start();
                      new CountDownLatch(1).await();
                    }))
        .isInstanceOf(ServerUnavailableException.class);
  }
}
