package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.v1.LogEntry;
import dev.milepost.v1.LogLevel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests that reporting never stops the work: behind a black hole, which accepts bytes and answers
 * none, handlers end their work, and clients close in time.
 */
@Timeout(60)
class FrozenServerTest {
  private static final JobSpec SPEC = JobSpec.of("work");

  private final FakeServer server = new FakeServer();
  private final CutProxy proxy = new CutProxy(server.port());
  private final Queue<LogLevel> dropped = new ConcurrentLinkedQueue<>();
  private final JobClient client = connect();

  private JobClient connect() {
    return JobClient.builder(proxy.target())
        .endTimeout(Duration.ofSeconds(1))
        .reportListener(
            new ReportListener() {
              @Override
              public void dropped(String jobId, LogLevel level) {
                dropped.add(level);
              }
            })
        .build();
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    proxy.close();
    server.close();
  }

  /** Does all that a handler can do, much more of it than fits into memory. */
  private static void work(JobContext context) throws InterruptedException {
    JobLogger log = context.logger();
    for (int i = 0; i < 30_000; i++) {
      log.incrementProgress();
      log.addOutcome("done", 1);
      log.info("line " + i, Map.of("row", i));
      context.saveCheckpoint(Map.of("row", i, "text", "x".repeat(1_000)));
      context.items().done("item " + i % 2_000);
      if (i % 1_000 == 0) {
        log.setStage("stage " + i);
        log.warning("at " + i);
      }
    }
    assertThat(context.flush(Duration.ofMillis(100))).isFalse();
  }

  @Test
  void aHandlerEndsItsWorkWhileTheServerIsFrozen() {
    AtomicLong workNanos = new AtomicLong();
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    CreateOptions.defaults().jobId("mine"),
                    context -> {
                      context.logger().info("before");
                      context.flush();
                      proxy.freeze();
                      long start = System.nanoTime();
                      work(context);
                      workNanos.set(System.nanoTime() - start);
                    }))
        .isInstanceOfSatisfying(
            JobEndUnknownException.class,
            e -> {
              assertThat(e.jobId()).isEqualTo("mine");
              assertThat(e.workSucceeded()).isTrue();
              assertThat(e).hasMessageContaining("the work of job mine succeeded");
            });

    assertThat(Duration.ofNanos(workNanos.get())).isLessThan(Duration.ofSeconds(10));
    assertThat(dropped).hasSizeGreaterThan(15_000).doesNotContain(LogLevel.LOG_LEVEL_WARNING);
    ReportStatistics statistics = client.reportStatistics();
    assertThat(statistics.droppedLines()).isEqualTo(dropped.size());
    assertThat(statistics.blockedCalls()).isPositive();
    assertThat(statistics.unsentBytes()).isZero(); // The attempt is over.
  }

  @Test
  void aListenerThatThrowsDisturbsNothing() {
    ReportListener throwing =
        new ReportListener() {
          @Override
          public void dropped(String jobId, LogLevel level) {
            throw new LinkageError("in the listener");
          }
        };
    AtomicBoolean ended = new AtomicBoolean();
    try (JobClient other =
        JobClient.builder(proxy.target())
            .endTimeout(Duration.ofMillis(100))
            .maxUnsentBytes(64 << 10)
            .reportListener(throwing)
            .build()) {
      assertThatThrownBy(
              () ->
                  other.run(
                      SPEC,
                      context -> {
                        proxy.freeze();
                        context.logger().debug("x".repeat(100_000));
                        context.logger().debug("does not fit");
                        ended.set(true);
                      }))
          .isInstanceOf(JobEndUnknownException.class);
      assertThat(other.reportStatistics().droppedLines()).isPositive();
    }
    assertThat(ended).isTrue();
  }

  @Test
  void memoryDoesNotGrowWithTheOutage() {
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC,
                    context -> {
                      proxy.freeze();
                      for (int i = 0; i < 20_000; i++) {
                        context.saveCheckpoint(Map.of("text", "x".repeat(10_000), "row", i));
                        context.logger().setProgress(i);
                        if (i % 100 == 0) {
                          Thread.sleep(1); // So that the report loop could seal a report.
                        }
                      }
                      assertThat(client.reportStatistics().unsentBytes()).isLessThan(1 << 20);
                    }))
        .isInstanceOf(JobEndUnknownException.class);
  }

  @Test
  void theJournalSaysWhatWasDroppedOnceTheServerIsBack() {
    client.run(
        SPEC,
        context -> {
          context.logger().info("before");
          context.flush();
          proxy.freeze();
          for (int i = 0; i < 12_000; i++) {
            context.logger().debug("line " + i);
          }
          proxy.release();
          assertThat(context.flush(Duration.ofSeconds(20))).isTrue();
          context.logger().info("after");
        });

    synchronized (server) {
      List<LogEntry> lines =
          server.only().reports.stream().flatMap(report -> report.getLogsList().stream()).toList();
      assertThat(lines)
          .filteredOn(line -> line.getMessage().contains("were dropped"))
          .singleElement()
          .satisfies(line -> assertThat(line.getLevel()).isEqualTo(LogLevel.LOG_LEVEL_WARNING));
      assertThat(server.only().reports.stream().mapToLong(report -> report.getDroppedLines()).sum())
          .isEqualTo(dropped.size())
          .isPositive();
      assertThat(lines).hasSize(1 + 12_000 - dropped.size() + 2);
      assertThat(lines.get(lines.size() - 1).getMessage()).isEqualTo("after");
    }
  }

  @Test
  void aWorkerAndItsClientCloseInTimeWhileTheServerIsFrozen() throws InterruptedException {
    client.create(SPEC);
    CountDownLatch ended = new CountDownLatch(1);
    Worker worker =
        client
            .worker()
            .handler(
                "work",
                context -> {
                  proxy.freeze();
                  context.logger().info("last words");
                  ended.countDown();
                })
            .start();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    long start = System.nanoTime();
    worker.close(Duration.ofSeconds(1));
    client.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    await().until(() -> worker.running() == 0); // Its thread ends with the client.
  }
}
