package dev.milepost.server.store.sqlite;

import static dev.milepost.server.store.StoreHarness.job;
import static dev.milepost.server.store.StoreHarness.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.milepost.server.job.JobCommand;
import dev.milepost.server.store.StoreHarness;
import dev.milepost.storage.v1.JobRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The space of deleted jobs, and a log that somebody else's read keeps from being moved. */
class SqliteSpaceTest {
  @TempDir private Path directory;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(LogPin.class);

  @BeforeEach
  void listen() {
    log.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
    logger.setLevel(null);
  }

  private static void fill(StoreHarness store, String prefix, int jobs) {
    List<CompletionStage<JobRecord>> created = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      created.add(store.createLater(job(prefix + i, spec(10_000)), List.of()));
    }
    StoreHarness.awaitAll(created);
  }

  private long size() {
    try {
      return Files.size(directory.resolve("jobs.db"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void spaceOfDeletedJobsGoesBackToTheDisk() {
    StoreHarness store = ChildServer.harness(directory.resolve("jobs.db"), SqliteOptions.STANDARD);
    fill(store, "j", 2_000);
    await().atMost(Duration.ofSeconds(30)).until(() -> size() > 20_000_000);

    List<CompletionStage<JobRecord>> deleted = new ArrayList<>();
    for (int i = 1; i < 2_000; i++) {
      deleted.add(store.applyLater("j" + i, new JobCommand.Delete("")));
    }
    deleted.forEach(StoreHarness::await);

    // What stays free for the next jobs are 4 MiB.
    await().atMost(Duration.ofSeconds(30)).until(() -> size() < 6_000_000);
    assertThat(store.get("j0")).isPresent();
    fill(store, "k", 10);
    assertThat(store.get("k9")).isPresent();
    store.store().close();
  }

  @Test
  void processWhoseReadPinsTheLogIsNamed() throws Exception {
    Path file = directory.resolve("jobs.db");
    SqliteOptions small =
        new SqliteOptions(
            100, Duration.ofMillis(1), 4, 20_000, 0, false, 1 << 20, () -> {}, () -> {});
    StoreHarness store = ChildServer.harness(file, small);
    fill(store, "j", 10);
    Process reader = ChildServer.start("read", file);
    try {
      assertThat(reader.getInputStream().read()).isEqualTo('r');
      fill(store, "k", 500);
      await().atMost(Duration.ofSeconds(30)).until(() -> !log.list.isEmpty());

      String line = log.list.get(0).getFormattedMessage();
      assertThat(line)
          .startsWith("A long read keeps the write-ahead log")
          .contains("End the read of process " + reader.pid() + " (java).");
      assertThat(log.list).hasSize(1);
    } finally {
      reader.destroyForcibly().waitFor();
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> log.list.size() == 2);
    assertThat(log.list.get(1).getLevel()).isEqualTo(Level.INFO);
    store.store().close();
  }
}
