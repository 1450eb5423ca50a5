package dev.milepost.examples.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.Worker;
import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import dev.milepost.v1.ItemState;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JournalEntry;
import dev.milepost.v1.LogLevel;
import dev.milepost.v1.SubOperation;
import dev.milepost.v1.Task;
import dev.milepost.v1.TaskStep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs each recipe against a real server, and reads what it left there. */
@Timeout(60)
class RecipesTest {
  private final MilepostServer server;
  private final JobClient client;

  RecipesTest(@TempDir Path directory) {
    server =
        MilepostServer.start(
            Settings.with(
                Map.of(
                    "milepost.store", "sqlite:" + directory.resolve("milepost.db"),
                    "milepost.listen", "localhost:0",
                    "milepost.http.listen", "off",
                    "milepost.tasks.file", "src/main/resources/tasks.yaml",
                    "milepost.limits.drain-timeout", "1s")));
    client = JobClient.connect("localhost:" + server.address().port());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void aJobWithALogKeepsItsLinesCountersAndResult() {
    Job job = UserSync.sync(client, List.of("ann@example.org", "bob", "carol@example.org"));

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getOutcomeMap())
        .containsEntry("synced", 2L)
        .containsEntry("skipped", 1L);
    assertThat(job.getStatus().getProgress().getPercent()).isEqualTo(100);
    assertThat(job.getStatus().getProgress().getCurrent()).isEqualTo(3);
    assertThat(lines(job, LogLevel.LOG_LEVEL_MILESTONE))
        .containsExactly("Skipped a user without an address", "Sync complete");
    assertThat(client.attach(job.getId()).result()).containsEntry("directory", "main");
  }

  @Test
  void aPipelineHasOnePercentageOverAllSubOperations() {
    Job job = PhotoPipeline.publish(client, List.of("sea.jpg", "hill.jpg"));

    assertThat(job.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(job.getStatus().getProgress().getPercent()).isEqualTo(100);
    assertThat(job.getStatus().getProgress().getSubOperationsList())
        .extracting(SubOperation::getId)
        .containsExactly("decode", "resize", "upload");
    assertThat(lines(job, LogLevel.LOG_LEVEL_INFO)).contains("resize hill.jpg");
  }

  @Test
  void aTaskPassesItsItemsFromStepToStep() {
    JobHandle started = NightlyPhotos.start(client, List.of("sea.jpg", "hill.jpg"));
    try (Worker worker = NightlyPhotos.startWorker(client)) {
      assertThat(started.await(Duration.ofSeconds(30)).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(worker.stopped()).isNotDone();
    }
    Task task = client.task(started.id());
    assertThat(task.getJob().getSpec().getDisplayName()).isEqualTo("Nightly photos");
    assertThat(task.getStepsList())
        .extracting(TaskStep::getName)
        .containsExactly("fetch-photos", "resize-photos");
    assertThat(started.result()).containsEntry("size", 1024L);
    assertThat(client.items(task.getSteps(1).getJobId()))
        .hasSize(2)
        .allMatch(item -> item.getState() == ItemState.ITEM_STATE_DONE);
  }

  private List<String> lines(Job job, LogLevel level) {
    return StreamSupport.stream(client.journal(job.getId(), level).spliterator(), false)
        .filter(JournalEntry::hasLog)
        .map(entry -> entry.getLog().getMessage())
        .toList();
  }
}
