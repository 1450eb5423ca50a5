package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.LogEntry;
import dev.milepost.v1.Report;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that reports arrive exactly once and in order, whatever happens to the connection. */
@Timeout(60)
class ReportingTest {
  private static final JobSpec SPEC = JobSpec.of("report");

  private final FakeServer server = new FakeServer();
  private final CutProxy proxy = new CutProxy(server.port());
  private final JobClient client = JobClient.connect(proxy.target());

  @AfterEach
  void close() throws Exception {
    client.close();
    proxy.close();
    server.close();
  }

  private List<String> lines() {
    synchronized (server) {
      return server.only().reports.stream()
          .flatMap(report -> report.getLogsList().stream())
          .map(LogEntry::getMessage)
          .toList();
    }
  }

  private int committed() {
    synchronized (server) {
      return server.only().reports.size();
    }
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "line " + i).toList();
  }

  @Test
  void lostConnectionsCauseNoLossOrDuplicates() {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              for (int i = 0; i < 200; i++) {
                ctx.logger().info("line " + i);
                if (i % 20 == 10) {
                  ctx.flush();
                  cut();
                }
                Thread.sleep(1);
              }
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lines()).isEqualTo(numbered(200));
    assertThat(proxy.accepted()).isGreaterThan(3);
  }

  private void cut() {
    try {
      proxy.cut();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void sendsReportsLostInTransitAgainInOrder() {
    client.run(
        SPEC,
        ctx -> {
          ctx.logger().info("line 0");
          ctx.flush();
          proxy.freeze();
          ctx.logger().info("line 1");
          await().until(() -> proxy.heldRequests() > 0);
          ctx.logger().info("line 2");
          cut();
          proxy.release();
          ctx.flush();
          assertThat(committed()).isGreaterThan(1);
        });

    assertThat(lines()).isEqualTo(numbered(3));
    assertThat(server.only().duplicates).isZero();
    assertThat(server.only().heartbeats).isZero();
  }

  @Test
  void repeatsCommittedReportsWhoseAcknowledgementWasLost() {
    client.run(
        SPEC,
        ctx -> {
          ctx.logger().info("line 0");
          ctx.flush();
          proxy.hold();
          ctx.logger().info("line 1");
          await().until(() -> committed() == 2);
          cut();
          proxy.release();
          ctx.flush();
          ctx.logger().info("line 2");
        });

    assertThat(lines()).isEqualTo(numbered(3));
    assertThat(server.only().duplicates).isGreaterThan(0);
  }

  @Test
  void aHandlerDoesNotNoticeAServerRestart() {
    server.lease = Duration.ofSeconds(20);
    Job job =
        client.run(
            SPEC,
            ctx -> {
              for (int i = 0; i < 30; i++) {
                ctx.logger().info("line " + i);
                if (i == 10) {
                  ctx.flush();
                  server.restart(() -> ctx.logger().incrementProgress());
                }
              }
              assertThat(ctx.isCancelRequested()).isFalse();
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lines().subList(0, 30)).isEqualTo(numbered(30));
  }

  @Test
  void retriesTheEndOfAJobAfterAnOutage() throws IOException {
    Job job =
        client.run(
            SPEC,
            ctx -> {
              ctx.logger().info("line 0");
              ctx.flush();
              ctx.logger().info("line 1");
              proxy.down();
              new Thread(
                      () -> {
                        await().pollDelay(Duration.ofMillis(700)).until(() -> true);
                        proxy.up();
                      })
                  .start();
            });

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lines()).isEqualTo(numbered(2));
  }

  @Test
  void resumesAtTheSequenceNumberThatTheServerExpects() {
    client.run(
        SPEC,
        ctx -> {
          for (int i = 0; i < 3; i++) {
            ctx.logger().info("line " + i);
            ctx.flush();
          }
          synchronized (server) {
            // Simulates a store that lost reports it had acknowledged.
            FakeJob job = server.only();
            job.reports.remove(2);
            job.committedSeq = 2;
          }
          ctx.logger().info("line 3");
          ctx.flush();
          ctx.logger().info("line 4");
        });

    assertThat(lines()).containsExactly("line 0", "line 1", "line 3", "line 4");
  }

  @Test
  void sendsReportsNoMoreOftenThanTheServerWants() {
    server.minReportInterval = Duration.ofMillis(200);
    client.run(
        SPEC,
        ctx -> {
          long start = System.nanoTime();
          int i = 0;
          while (reportsSoFar() < 4) {
            ctx.logger().info("line " + i++);
            ctx.logger().setProgress(i);
            Thread.sleep(2);
          } // The first report is sent early. A slow machine only reduces the number of the others.
          long intervals = Duration.ofNanos(System.nanoTime() - start).toMillis() / 200;
          assertThat(reportsSoFar()).isLessThanOrEqualTo(2 + (int) intervals);
        });

    List<String> lines = lines();
    assertThat(lines.subList(0, lines.size() - 1)).isEqualTo(numbered(lines.size() - 1));
    assertThat(server.only().reports).hasSizeLessThan(lines.size() / 2);
  }

  private int reportsSoFar() {
    synchronized (server) {
      return server.only().reportNanos.size();
    }
  }

  @Test
  void manyLinesSlowDownTheWriterAndAreAllKept() {
    int count = 25_000;
    client.run(
        SPEC,
        ctx -> {
          for (int i = 0; i < count; i++) {
            ctx.logger().debug("line " + i);
          }
        });

    assertThat(lines()).isEqualTo(numbered(count));
    assertThat(server.only().reports)
        .allSatisfy(report -> assertThat(report.getLogsCount()).isLessThanOrEqualTo(1_000));
  }

  @Test
  void noStageIsLost() {
    client.run(
        SPEC,
        ctx -> {
          JobLogger log = ctx.logger();
          log.setStage("A");
          log.info("in A");
          log.setStage("A", "more of it");
          log.setStage("B");
          log.info("in B");
          log.setStage("C", "1");
          log.setStage("C", "2");
        });

    List<String> stages = new ArrayList<>();
    List<Report> reports = server.only().reports;
    reports.stream()
        .filter(Report::hasStage)
        .forEach(
            report ->
                stages.add(report.getStage().getName() + ":" + report.getStage().getDetail()));
    assertThat(stages).containsExactly("A:more of it", "B:", "C:2");
    assertThat(lines()).containsExactly("in A", "in B");
  }

  @Test
  void commitsACheckpointTogetherWithEarlierReports() {
    client.run(
        SPEC,
        ctx -> {
          ctx.logger().addOutcome("done", 5);
          ctx.logger().setProgress(5);
          ctx.saveCheckpoint(Map.of("row", 5));
          assertThat(ctx.checkpoint()).contains(Map.of("row", 5L));
          ctx.flush();
          Report report = server.only().reports.get(0);
          assertThat(report.getCheckpoint().getFieldsOrThrow("row").getNumberValue()).isEqualTo(5);
          assertThat(report.getOutcomeIncrementsMap()).isEqualTo(Map.of("done", 5L));
          assertThat(report.getProgress().getCurrent()).isEqualTo(5);
        });
  }

  @Test
  void aHeartbeatAcknowledgesReportsWhoseResponseWasLost() {
    server.lease = Duration.ofMillis(900);
    server.streamsDoNotRespond = true;
    Job job =
        client.run(
            SPEC,
            ctx -> {
              ctx.logger().info("line 0");
              await().until(() -> committed() == 1);
            });
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lines()).isEqualTo(numbered(1));
    assertThat(server.only().duplicates).isZero();
  }

  @Test
  void sendsHeartbeatsWhileTheHandlerReportsNothing() {
    server.lease = Duration.ofMillis(900);
    client.run(
        SPEC,
        ctx ->
            await()
                .until(
                    () -> {
                      synchronized (server) {
                        return server.only().heartbeats >= 4;
                      }
                    }));
    assertThat(server.only().state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aHandlerDoesNotNoticeAnOutageShorterThanTheLease() {
    server.lease = Duration.ofSeconds(4);
    Job job =
        client.run(
            SPEC,
            ctx -> {
              ctx.logger().info("line 0");
              proxy.down();
              ctx.logger().info("line 1");
              Thread.sleep(1_500);
              proxy.up();
              ctx.flush();
              assertThat(ctx.isCancelRequested()).isFalse();
            });
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(lines()).isEqualTo(numbered(2));
  }
}
