package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that bulk changes can be counted before they are made, against the real server. */
@Timeout(60)
class BulkPreviewTest {
  private static final JobFilter MINE = JobFilter.newBuilder().setUserId("ann").build();

  private TestServer server;
  private JobClient client;

  @BeforeEach
  void connect() {
    server = TestServer.inMemory();
    client = JobClient.builder(server.target()).user("ann").build();
    for (int i = 0; i < 3; i++) {
      client.create(JobSpec.of("queued"));
    }
    client.create(JobSpec.of("cancelled")).cancel("");
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aPreviewCountsWhatTheChangeThenChanges() {
    BulkPreview preview = client.preview();
    assertThat(preview.cancelJobs(MINE)).isEqualTo(3);
    assertThat(preview.retryJobs(MINE)).isEqualTo(1);
    assertThat(preview.deleteJobs(MINE)).isEqualTo(new BulkCount(4, 0, 0));
    assertThat(client.count(MINE)).as("nothing has changed").isEqualTo(4);
    assertThat(client.count(MINE.toBuilder().addStates(JobState.JOB_STATE_QUEUED).build()))
        .isEqualTo(3);

    assertThat(client.cancelJobs(MINE, "")).isEqualTo(3);
    assertThat(preview.cancelJobs(MINE)).isZero();
    assertThat(client.retryJobs(MINE)).isEqualTo(4);
    assertThat(client.deleteJobs(MINE)).isEqualTo(4);
    assertThat(preview.deleteJobs(MINE)).isEqualTo(BulkCount.NONE);
  }

  @Test
  void aCleanupCancelsRunningJobsAndCountsThem() {
    CleanupOptions old = CleanupOptions.olderThan(Duration.ZERO).filter(MINE);
    client.run(
        JobSpec.of("running").maxRetries(0),
        job -> {
          assertThat(client.preview().cleanupJobs(old)).isEqualTo(new BulkCount(1, 0, 0));
          assertThat(client.preview().cleanupJobs(old.includeQueued().cancelRunning()))
              .isEqualTo(new BulkCount(4, 1, 0));
          assertThat(client.preview().deleteJobs(MINE)).isEqualTo(new BulkCount(4, 0, 1));
          assertThat(client.cleanupJobs(old.includeQueued())).isEqualTo(new BulkCount(4, 0, 0));
          assertThat(client.preview().cleanupJobs(old.cancelRunning()))
              .isEqualTo(new BulkCount(0, 1, 0));
        });
    client.create(JobSpec.of("queued"));
    assertThat(client.cleanupJobs(old))
        .as("the job that has run")
        .isEqualTo(new BulkCount(1, 0, 0));
  }

  @Test
  void aCleanupAsksRunningJobsToStop() {
    CleanupOptions all = CleanupOptions.olderThan(Duration.ZERO).filter(MINE).cancelRunning();
    assertThatThrownBy(
            () ->
                client.run(
                    JobSpec.of("running").maxRetries(0),
                    job -> {
                      assertThat(client.cleanupJobs(all)).isEqualTo(new BulkCount(1, 1, 0));
                      while (!job.isCancelRequested()) {
                        Thread.onSpinWait();
                      }
                      job.throwIfCancelled();
                    }))
        .isInstanceOf(JobCancelledException.class);
  }

  @Test
  void previewsAreFuturesToo() {
    AsyncBulkPreview preview = client.async().preview();
    assertThat(preview.cancelJobs(MINE).join()).isEqualTo(3);
    assertThat(preview.retryJobs(MINE).join()).isEqualTo(1);
    assertThat(preview.deleteJobs(MINE).join().count()).isEqualTo(4);
    assertThat(
            client
                .async()
                .cleanupJobs(CleanupOptions.olderThan(Duration.ZERO).filter(MINE))
                .join()
                .count())
        .isEqualTo(1);
  }
}
