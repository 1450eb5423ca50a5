package dev.milepost.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobSpec;
import dev.milepost.client.LeaseLostException;
import dev.milepost.client.ServerUnavailableException;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.LogLevel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Each fault happens when the test says so, and its end is noticed. */
@MilepostTest
class FaultsTest {
  private static final JobSpec SPEC = JobSpec.of("work");

  @Test
  void aCutConnectionIsReplaced(JobClient client, Faults faults) {
    JobHandle job = client.create(SPEC);

    faults.cutConnections();

    assertThat(job.get().getId()).isEqualTo(job.id());
  }

  @Test
  void aServerThatIsGoneIsUnavailable(TestServer server, JobClient client, Faults faults) {
    JobHandle job = client.create(SPEC);
    try (JobClient hasty =
        JobClient.builder(server.target())
            .user(TestServer.DEFAULT_USER)
            .callTimeout(Duration.ofMillis(300))
            .build()) {
      faults.disconnect();
      assertThatThrownBy(() -> hasty.get(job.id())).isInstanceOf(ServerUnavailableException.class);
      faults.reconnect();

      await().ignoreExceptions().until(() -> hasty.get(job.id()).getId().equals(job.id()));
    }
  }

  @Test
  void aCallWaitsWhileTheServerIsPaused(JobClient client, Faults faults) throws Exception {
    JobHandle job = client.create(SPEC);

    faults.pause();
    CompletableFuture<Job> read = client.async().get(job.id());
    assertThatThrownBy(() -> read.copy().get(100, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    faults.resume();

    assertThat(read.get(5, TimeUnit.SECONDS).getId()).isEqualTo(job.id());
  }

  @Test
  void aLostAnswerDoesNotCreateASecondJob(JobClient client, Faults faults) {
    faults.loseAnswer("CreateJob");

    client.create(SPEC);

    assertThat(faults.lostAnswers()).isEqualTo(1);
    assertThat(client.count(JobFilter.getDefaultInstance())).isEqualTo(1);
  }

  @Test
  void aLostAnswerOfAStreamCostsNoLine(TestServer server, JobClient client, Faults faults) {
    JobHandle job = client.create(SPEC);
    faults.loseAnswer("ReportStream");

    server.run(
        job,
        context -> {
          context.logger().info("one");
          context.flush();
          context.logger().info("two");
        });

    assertThat(faults.lostAnswers()).isEqualTo(1);
    assertThat(server.history(job).assertSucceeded().lines())
        .extracting(dev.milepost.client.LogLine::message)
        .containsExactly("one", "two");
  }

  @Test
  void anUnknownRpcIsRefused(Faults faults) {
    assertThatThrownBy(() -> faults.loseAnswer("CreateJobb"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("\"CreateJobb\"", "CreateJob,", "ReportStream");
  }

  @Test
  void aWorkerWhoseLeaseExpiresIsReplaced(TestServer server, JobClient client, Faults faults)
      throws Exception {
    JobHandle job = client.create(SPEC.maxRetries(1));
    CountDownLatch running = new CountDownLatch(1);
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    server.work(
        "work",
        context -> {
          if (context.attempt() > 1) {
            context.logger().milestone("Done by the second attempt");
            return;
          }
          running.countDown();
          try {
            while (true) {
              context.throwIfCancelled();
              Thread.sleep(5);
            }
          } catch (LeaseLostException | InterruptedException e) {
            seen.complete(e);
            throw e;
          }
        });
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();

    faults.expireLease(job);

    assertThat(seen.get(10, TimeUnit.SECONDS)).isNotNull();
    server.run(job, context -> context.logger().milestone("Done by the second attempt"));
    server
        .history(job)
        .assertSucceeded()
        .assertAttempts(2)
        .assertLogged(LogLevel.LOG_LEVEL_MILESTONE, "second attempt");
    assertThatThrownBy(() -> faults.expireLease(job))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("JOB_STATE_SUCCEEDED");
  }
}
