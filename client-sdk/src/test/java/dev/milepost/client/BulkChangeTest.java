package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that a change made in slices by the server is a single call of the client. */
@Timeout(60)
class BulkChangeTest {
  private static final JobFilter ALL = JobFilter.getDefaultInstance();

  private final FakeServer server = new FakeServer();
  private final JobClient client = JobClient.connect(server.target());

  @AfterEach
  void close() throws InterruptedException {
    client.close();
    server.close();
  }

  private void create(int jobs) {
    for (int i = 0; i < jobs; i++) {
      client.create(JobSpec.of("a"));
    }
  }

  @Test
  void changesAndCountsAllSlices() {
    create(7);
    assertThat(client.cancelJobs(ALL, "stop")).isEqualTo(7);
    assertThat(server.calls("CancelJobs")).isEqualTo(4);
    assertThat(server.only().state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(client.cancelJobs(ALL, "stop")).isZero();
  }

  @Test
  void retriesASliceWhoseResponseIsLost() {
    create(6);
    server.loseResponses("CancelJobs", 1);
    assertThat(client.cancelJobs(ALL, "stop")).isEqualTo(4);
    assertThat(server.calls("CancelJobs")).isEqualTo(4);
    synchronized (server) {
      assertThat(server.jobs.values()).allMatch(job -> JobStates.isFinished(job.state()));
    }
  }

  @Test
  void anEmptyUserIdDoesNotMeanAllUsers() {
    assertThatThrownBy(() -> client.cleanupJobs(Duration.ZERO, ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
