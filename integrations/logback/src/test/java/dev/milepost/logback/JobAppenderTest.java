package dev.milepost.logback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.client.JobContext;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobSpec;
import dev.milepost.client.LogLine;
import dev.milepost.testing.MilepostTest;
import dev.milepost.testing.TestServer;
import dev.milepost.v1.LogLevel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;

/** What a handler logs is in its journal, and nothing else. */
@MilepostTest
class JobAppenderTest {
  private static final Logger LOG = LoggerFactory.getLogger("app.Sync");

  private static List<LogLine> linesOf(TestServer server, JobHandler handler) {
    JobHandle job = server.client().create(JobSpec.of("sync"));
    server.run(job, handler);
    return server.history(job).assertSucceeded().lines();
  }

  @Test
  void levelsMessagesAndContextAreKept(TestServer server) {
    List<LogLine> lines =
        linesOf(
            server,
            job -> {
              LOG.trace("not enabled");
              LOG.debug("d {}", 1);
              MDC.put("user", "ann");
              LOG.info("i {}", "two");
              MDC.remove("user");
              LOG.atWarn().addKeyValue("rows", 7).log("w");
              LOG.info(MarkerFactory.getMarker("MILESTONE"), "m");
              LOG.error("e", new IllegalStateException("why"));
            });

    assertThat(lines)
        .extracting(LogLine::level, LogLine::message)
        .containsExactly(
            tuple(LogLevel.LOG_LEVEL_DEBUG, "d 1"),
            tuple(LogLevel.LOG_LEVEL_INFO, "i two"),
            tuple(LogLevel.LOG_LEVEL_WARNING, "w"),
            tuple(LogLevel.LOG_LEVEL_MILESTONE, "m"),
            tuple(LogLevel.LOG_LEVEL_ERROR, "e"));
    assertThat(lines.get(1).context())
        .containsOnlyKeys("logger", "user")
        .containsEntry("logger", "app.Sync")
        .containsEntry("user", "ann");
    assertThat(lines.get(2).context()).containsEntry("rows", 7L);
    assertThat(lines.get(4).context())
        .containsEntry("exception", "java.lang.IllegalStateException")
        .containsEntry("exception_message", "why");
    assertThat(String.valueOf(lines.get(4).context().get("stack_trace")))
        .contains("JobAppenderTest");
  }

  private static org.assertj.core.groups.Tuple tuple(Object... values) {
    return org.assertj.core.groups.Tuple.tuple(values);
  }

  @Test
  void otherThreadsAndLoggersAreLeftOut(TestServer server) {
    List<LogLine> lines =
        linesOf(
            server,
            job -> {
              LoggerFactory.getLogger("noisy.Below").warn("excluded");
              LoggerFactory.getLogger("noisyNeighbor").info("not below it");
              CompletableFuture.runAsync(() -> LOG.info("on another thread")).join();
              CompletableFuture.runAsync(
                      () -> {
                        try (JobContext.Scope scope = job.makeCurrent()) {
                          LOG.info("on a thread of the job");
                        }
                      })
                  .join();
            });

    assertThat(lines)
        .extracting(LogLine::message)
        .containsExactly("not below it", "on a thread of the job");
  }

  /** The test's configuration enables even TRACE of the client and of gRPC. */
  @Test
  void sendingLinesLogsNoLines(TestServer server) {
    List<LogLine> lines =
        linesOf(
            server,
            job -> {
              LoggerFactory.getLogger("dev.milepost.client.ReportStream").warn("own");
              LoggerFactory.getLogger("io.grpc.netty").info("own");
              LOG.info("one");
              job.flush();
              LOG.info("two {}", new LogsItself());
            });

    assertThat(lines).extracting(LogLine::message).containsExactly("one", "two text");
  }

  /** Logs when it is turned into text, which happens before or while the line is written. */
  private static final class LogsItself {
    private static final ThreadLocal<Integer> DEPTH = ThreadLocal.withInitial(() -> 0);

    @Override
    public String toString() {
      if (DEPTH.get() < 3) {
        DEPTH.set(DEPTH.get() + 1);
        LOG.debug("inside {}", this);
      }
      return "text";
    }
  }
}
