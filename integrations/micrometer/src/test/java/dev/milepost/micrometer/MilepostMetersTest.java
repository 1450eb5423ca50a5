package dev.milepost.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobHandle;
import dev.milepost.client.JobNotFoundException;
import dev.milepost.client.JobSpec;
import dev.milepost.client.LeaseLostException;
import dev.milepost.client.Worker;
import dev.milepost.testing.FakeJobContext;
import dev.milepost.testing.Faults;
import dev.milepost.testing.MilepostTest;
import dev.milepost.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The meters count what a client and its workers do. */
@MilepostTest
class MilepostMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MilepostMeters meters = new MilepostMeters(registry);

  private JobClient client(TestServer server) {
    return meters.measure(JobClient.builder(server.target())).build();
  }

  private long calls(String rpc, String code) {
    var timer = registry.find("milepost.client.calls").tags("rpc", rpc, "code", code).timer();
    return timer == null ? 0 : timer.count();
  }

  private long jobs(String outcome) {
    var timer = registry.find("milepost.worker.jobs").tags("outcome", outcome).timer();
    return timer == null ? 0 : timer.count();
  }

  @Test
  void callsAreCountedByRpcAndCode(TestServer server) {
    try (JobClient client = client(server)) {
      JobHandle job = client.create(JobSpec.of("sync"));
      job.get();
      job.get();
      assertThatThrownBy(() -> client.get("none")).isInstanceOf(JobNotFoundException.class);
    }
    assertThat(calls("CreateJob", "OK")).isEqualTo(1);
    assertThat(calls("GetJob", "OK")).isEqualTo(2);
    assertThat(calls("GetJob", "NOT_FOUND")).isEqualTo(1);
    assertThat(registry.get("milepost.client.available").gauge().value()).isEqualTo(1);
  }

  @Test
  void aWorkerCountsWhatItClaimsAndRuns(TestServer server) throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    try (JobClient client = client(server);
        Worker worker =
            client
                .worker()
                .intercept(meters.handlers())
                .handler(
                    "sync",
                    context -> {
                      running.countDown();
                      end.await();
                    })
                .start()) {
      meters.bind(worker);
      JobHandle job = client.create(JobSpec.of("sync"));
      running.await();
      assertThat(registry.get("milepost.worker.running").longTaskTimer().activeTasks())
          .isEqualTo(1);
      assertThat(registry.get("milepost.worker.slots.used").gauge().value()).isEqualTo(1);
      end.countDown();
      job.await();
      assertThat(registry.get("milepost.worker.claimed").counter().count()).isEqualTo(1);
      assertThat(registry.get("milepost.worker.jobs").tag("type", "sync").timer().count())
          .isEqualTo(1);
      assertThat(jobs("succeeded")).isEqualTo(1);
      assertThat(registry.get("milepost.worker.running").longTaskTimer().activeTasks()).isZero();
    }
  }

  @Test
  void eachEndOfAHandlerIsAnOutcome() {
    FakeJobContext cancelled = FakeJobContext.of(JobSpec.of("sync"));
    cancelled.cancel("enough");
    cancelled.run(meters.handlers().around(job -> job.throwIfCancelled()));
    FakeJobContext.of(JobSpec.of("sync"))
        .run(
            meters
                .handlers()
                .around(
                    job -> {
                      throw new LeaseLostException("gone");
                    }));
    FakeJobContext.of(JobSpec.of("sync"))
        .run(
            meters
                .handlers()
                .around(
                    job -> {
                      throw new StackOverflowError();
                    }));

    assertThat(jobs("cancelled")).isEqualTo(1);
    assertThat(jobs("lost")).isEqualTo(1);
    assertThat(jobs("failed")).isEqualTo(1);
  }

  @Test
  void anOutageIsCountedOnce(TestServer server, Faults faults) {
    try (JobClient client =
        meters
            .measure(JobClient.builder(server.target()))
            .callTimeout(Duration.ofSeconds(3))
            .build()) {
      JobHandle job = client.create(JobSpec.of("sync"));
      faults.disconnect();
      var read = client.async().get(job.id());
      await().until(() -> registry.get("milepost.client.available").gauge().value() == 0);
      assertThat(registry.get("milepost.client.outages").counter().count()).isEqualTo(1);
      faults.reconnect();
      await().ignoreExceptions().until(() -> job.get().getId().equals(job.id()));
      assertThat(read).isNotCancelled();
      assertThat(registry.get("milepost.client.available").gauge().value()).isEqualTo(1);
      assertThat(registry.get("milepost.client.outages").counter().count()).isEqualTo(1);
    }
  }
}
