package dev.milepost.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.client.AccessDeniedException;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobHandler;
import dev.milepost.client.JobNotFoundException;
import dev.milepost.client.JobSpec;
import dev.milepost.client.Role;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobState;
import dev.milepost.v1.LogLevel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A test server skips time, keeps callers apart, and tells a job's history. */
@MilepostTest
class TestServerTest {
  private static final JobSpec SYNC =
      JobSpec.of("user-sync").params(Map.of("users", List.of("ann", "bob")));

  @Test
  void theHistoryTellsAllThatAHandlerReported(TestServer server, JobClient client) {
    JobHandle job = client.create(SYNC);

    assertThat(server.run(job, new UserSync()).getId()).isEqualTo(job.id());

    JobHistory history =
        server
            .history(job)
            .assertStates(
                JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_SUCCEEDED)
            .assertSucceeded()
            .assertAttempts(1)
            .assertStages("Syncing")
            .assertLogged(LogLevel.LOG_LEVEL_MILESTONE, "All")
            .assertNothingLogged(LogLevel.LOG_LEVEL_WARNING)
            .assertOutcome("synced", 2)
            .assertOutcome("lost", 0)
            .assertResult("total", 2L);
    assertThat(history.lines().get(0).message()).isEqualTo("Synced ann");
    assertThat(history.lines().get(0).context()).isEqualTo(Map.of("user", "ann"));
    assertThat(history.outcome()).isEqualTo(Map.of("synced", 2L));
  }

  @Test
  void anAssertionThatFailsShowsTheWholeHistory(TestServer server, JobClient client) {
    JobHandle job = client.create(JobSpec.of("user-sync"));
    server.run(job, new UserSync());

    JobHistory history = server.history(job).assertFailed("NO_USERS");

    assertThatThrownBy(history::assertSucceeded)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(
            "Job " + job.id() + " has state JOB_STATE_FAILED, expected JOB_STATE_SUCCEEDED",
            "1 attempt 0: QUEUED",
            "2 attempt 1: RUNNING",
            "FAILED: NO_USERS: there is nobody to sync");
    assertThatThrownBy(() -> history.assertStages("Syncing")).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> history.assertAttempts(2)).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> history.assertOutcome("synced", 1)).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> history.assertResult("total", 2L)).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> history.assertFailed("OTHER")).isInstanceOf(AssertionError.class);
    assertThatThrownBy(history::assertCancelled).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> history.assertLogged(LogLevel.LOG_LEVEL_INFO, "Synced"))
        .hasMessageContaining("has no INFO line with \"Synced\"");
    assertThatThrownBy(() -> history.assertStates(JobState.JOB_STATE_QUEUED))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void theDelayBetweenAttemptsTakesNoTime(TestServer server, JobClient client) {
    JobHandle job =
        client.create(SYNC.retryBackoff(Duration.ofHours(5), Duration.ofHours(5), 1).maxRetries(2));
    Instant before = server.clock().instant();
    JobHandler handler =
        context -> {
          context.logger().warning("Attempt " + context.attempt());
          if (context.attempt() < 3) {
            throw new IllegalStateException("again");
          }
        };

    Job finished = server.run(job, handler);

    assertThat(finished.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    JobHistory history = server.history(job).assertAttempts(3);
    assertThatThrownBy(() -> history.assertNothingLogged(LogLevel.LOG_LEVEL_WARNING))
        .isInstanceOf(AssertionError.class);
    assertThat(Duration.between(before, server.clock().instant()))
        .isGreaterThan(Duration.ofHours(5));
  }

  @Test
  void aJobExpiresWhenTheClockGetsThere(TestServer server, JobClient client, TestClock clock) {
    JobHandle job = client.create(SYNC.queueTimeout(Duration.ofMinutes(10)));

    clock.advance(Duration.ofMinutes(9));
    assertThat(job.get().getStatus().getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    clock.advance(Duration.ofMinutes(2));

    server.history(job).assertFailed("QUEUE_TIMEOUT");
    assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jump()");
  }

  @Test
  void aClockThatIsSetLetsNoTimePass(TestServer server, JobClient client, TestClock clock) {
    JobHandle job = client.create(SYNC.queueTimeout(Duration.ofMinutes(10)));

    clock.jump(Duration.ofDays(1));

    server.history(job).assertState(JobState.JOB_STATE_QUEUED);
  }

  @Test
  void callersSeeWhatTheirRolesAllow(
      @As("alice") JobClient alice,
      @As("bob") JobClient bob,
      @As(value = "olga", roles = Role.OPERATOR) JobClient operator,
      @As(
              tenant = "other",
              roles = {Role.USER, Role.WORKER})
          JobClient stranger,
      TestServer server) {
    JobHandle job = alice.create(SYNC);

    assertThat(operator.get(job.id()).getUserId()).isEqualTo("alice");
    assertThatThrownBy(() -> bob.get(job.id())).isInstanceOf(JobNotFoundException.class);
    assertThatThrownBy(() -> stranger.get(job.id())).isInstanceOf(JobNotFoundException.class);
    assertThatThrownBy(() -> bob.admin().serverInfo()).isInstanceOf(AccessDeniedException.class);
    assertThat(server.client("alice")).isSameAs(alice);

    JobHandle theirs = stranger.create(SYNC);
    server.run(theirs, new UserSync());
    server.history(theirs).assertSucceeded();
    assertThatThrownBy(() -> server.history("nobody")).isInstanceOf(JobNotFoundException.class);
  }

  @Test
  void aWorkerRunsJobsUntilTheServerIsClosed(JobClient client) {
    CountDownLatch started = new CountDownLatch(1);
    try (TestServer server = TestServer.start()) {
      JobHandle job = server.client().create(SYNC);
      server.work("user-sync", context -> started.countDown());
      assertThat(job.await(Duration.ofSeconds(10)).getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThatThrownBy(() -> client.get(job.id())).isInstanceOf(JobNotFoundException.class);
    }
    assertThat(started.getCount()).isZero();
  }
}
