package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that the true cause reaches the user when the real server refuses something. */
@Timeout(60)
class RealServerRefusalsTest {
  private static final JobSpec SPEC = JobSpec.of("work").maxRetries(0);

  private final MilepostServer server =
      MilepostServer.start(
          Settings.with(
              Map.of(
                  "milepost.store", "memory:",
                  "milepost.listen", "localhost:0",
                  "milepost.http.listen", "off",
                  "milepost.limits.message-size", "128K")));
  private final JobClient client = JobClient.connect("localhost:" + server.address().port());

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aMessageThatIsTooLargeIsToldAsSuchAtOnce() {
    long start = System.nanoTime();
    assertThatThrownBy(() -> client.create(SPEC.params(Map.of("text", "x".repeat(200_000)))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("maximum size")
        .hasMessageContaining("Divide the request");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void aResponseThatIsTooLargeNamesTheSettingOfTheClient() {
    JobHandle job = client.create(SPEC.params(Map.of("text", "x".repeat(50_000))));
    try (JobClient small =
        JobClient.builder("localhost:" + server.address().port())
            .maxInboundMessageSize(10_000)
            .build()) {
      assertThatThrownBy(() -> small.get(job.id()))
          .isInstanceOf(LimitExceededException.class)
          .hasMessageContaining("maxInboundMessageSize");
    }
  }

  @Test
  void aReportThatIsTooLargeForTheServerCostsItsLinesAndNotTheJob() {
    Random random = new Random(1); // Texts that do not compress.
    Job job =
        client.run(
            SPEC,
            context -> {
              for (int i = 0; i < 200; i++) {
                context
                    .logger()
                    .info(
                        random
                            .ints(1_500, 33, 126)
                            .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                            .toString());
              }
              context.logger().addOutcome("counted", 7);
              context.flush();
              context.logger().info("after it");
            });
    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getOutcomeMap()).isEqualTo(Map.of("counted", 7L));
    List<JournalEntry> lines =
        StreamSupport.stream(
                client.journal(job.getId(), LogLevel.LOG_LEVEL_ERROR).spliterator(), false)
            .filter(JournalEntry::hasLog)
            .toList();
    assertThat(lines)
        .isNotEmpty()
        .allSatisfy(entry -> assertThat(entry.getLog().getMessage()).contains("maximum size"));
  }

  @Test
  void anAttemptTimeoutIsToldAsSuch() {
    AtomicReference<Throwable> inHandler = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                client.run(
                    SPEC.attemptTimeout(Duration.ofSeconds(1)),
                    context -> {
                      await().until(context::isCancelRequested);
                      try {
                        context.throwIfCancelled();
                      } catch (LeaseLostException e) {
                        inHandler.set(e);
                        throw e;
                      }
                    }))
        .isInstanceOfSatisfying(
            LeaseLostException.class,
            e -> {
              assertThat(e).hasMessageContaining("The attempt did not end within its timeout.");
              assertThat(e.metadata()).containsEntry("cause", "ATTEMPT_TIMEOUT");
            });
    assertThat(inHandler.get()).hasMessageContaining("The attempt did not end within its timeout.");
  }

  @Test
  void hostileValuesReachTheRealServer() {
    Random random = new Random();
    Job job =
        client.run(
            SPEC,
            context -> {
              for (int i = 0; i < 15; i++) {
                logHostile(context, new HostileValues(random));
                context.flush(); // Each in a report of its own, as the server's limit is so low.
              }
              context.logger().addOutcome("\ud800", 1);
              context.logger().addOutcome("a\0b", 1);
              context.logger().setStage("\0\ud800", null);
            });
    assertThat(job.getStatus().getOutcomeMap()).isEqualTo(Map.of("\ufffd", 1L, "a b", 1L));
    assertThat(client.journal(job.getId(), LogLevel.LOG_LEVEL_ERROR))
        .noneMatch(JournalEntry::hasLog);
    assertThat(job.getStatus().getLogCounts().getDebug()).isEqualTo(15);
  }

  @SuppressWarnings("unchecked") // Erasure lets users pass maps with other keys.
  private static void logHostile(JobContext context, HostileValues values) {
    context.logger().debug(values.text(), (Map<String, ?>) (Map<?, ?>) values.map());
  }
}
