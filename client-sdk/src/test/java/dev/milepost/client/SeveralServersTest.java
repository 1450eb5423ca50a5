package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.settings.Settings;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobFilter;
import dev.milepost.v1.JobState;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.RedisServer;

/** Tests one client with several servers. */
class SeveralServersTest {
  @TempDir Path directory;

  private static String both(TestServer a, TestServer b) {
    return a.target() + "," + b.target();
  }

  private static long jobsOf(String target) {
    try (JobClient client = JobClient.connect(target)) {
      return client.stream(JobFilter.getDefaultInstance()).count();
    }
  }

  @Test
  void spreadsCallsOverAllServers() {
    try (TestServer a = TestServer.inMemory();
        TestServer b = TestServer.inMemory();
        JobClient client = JobClient.connect(both(a, b))) {
      await()
          .untilAsserted(
              () -> {
                client.create(JobSpec.of("a"));
                assertThat(jobsOf(a.target())).isPositive();
                assertThat(jobsOf(b.target())).isPositive();
              });
    }
  }

  @Test
  void avoidsAServerThatIsNotServing() throws Exception {
    try (FakeServer well = new FakeServer();
        FakeServer unwell = new FakeServer()) {
      unwell.setNotServing();
      try (JobClient client = JobClient.connect(unwell.target() + "," + well.target())) {
        for (int i = 0; i < 10; i++) {
          client.create(JobSpec.of("a"));
        }
      }
      assertThat(well.calls("CreateJob")).isEqualTo(10);
      assertThat(unwell.calls("CreateJob")).isZero();
      assertThat(unwell.calls("Watch")).isPositive();
    }
  }

  @Test
  void anUnknownNameDoesNotAffectTheOtherServers() {
    try (TestServer a = TestServer.inMemory();
        JobClient client =
            JobClient.builder("nowhere.invalid:7300," + a.target()).plaintext().build()) {
      assertThat(client.create(JobSpec.of("a")).get().getStatus().getState())
          .isEqualTo(JobState.JOB_STATE_QUEUED);
    }
  }

  @Test
  void aServerMustProveItsNameInTheList() throws Exception {
    TestCertificate own = TestCertificate.of(directory, "dns:localhost");
    Path certificate = Files.writeString(directory.resolve("tls.crt"), own.certificatePem());
    Path key = Files.writeString(directory.resolve("tls.key"), own.keyPem());
    Map<String, Object> settings =
        Map.of(
            "milepost.store", "memory:",
            "milepost.listen", "127.0.0.1:0",
            "milepost.http.listen", "off",
            "milepost.limits.drain-timeout", "1s",
            "milepost.tls.certificate", certificate.toString(),
            "milepost.tls.key", key.toString());
    try (MilepostServer named = MilepostServer.start(Settings.with(settings));
        MilepostServer other = MilepostServer.start(Settings.with(settings))) {
      String byName = "localhost:" + named.address().port();
      String byAddress = "127.0.0.1:" + other.address().port();
      try (JobClient client =
          JobClient.builder(byAddress + "," + byName).trust(certificate).build()) {
        List<JobHandle> jobs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          jobs.add(client.create(JobSpec.of("a")));
        } // With the right name, every call reaches the server.
        jobs.forEach(job -> assertThat(job.get().getId()).isEqualTo(job.id()));
      }
    }
  }

  @Test
  void workAndWatchesContinueOnAnotherServer() throws Exception {
    RedisServer redis = new RedisServer(freePort());
    redis.start();
    String store = "redis://localhost:" + redis.ports().get(0);
    int lines = 300;
    try (TestServer a = TestServer.on(store);
        TestServer b = TestServer.on(store);
        JobClient client = JobClient.connect(both(a, b))) {
      JobHandle job = client.create(JobSpec.of("walk"));
      List<CompletableFuture<List<Long>>> watches = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        watches.add(CompletableFuture.supplyAsync(() -> positions(job)));
      }
      try (Worker worker =
          client
              .worker()
              .handler(
                  "walk",
                  context -> {
                    for (int i = 1; i <= lines; i++) {
                      context.logger().info("step " + i);
                      if (i == lines / 3) {
                        a.restart();
                      } else if (i == 2 * lines / 3) {
                        b.restart();
                      }
                    }
                  })
              .start()) {
        Job done = job.await(Duration.ofSeconds(60));
        assertThat(done.getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
        assertThat(done.getStatus().getAttemptsList()).hasSize(1);
        long last = done.getStatus().getJournalSequence();
        assertThat(last).isGreaterThanOrEqualTo(lines);
        List<Long> all = LongStream.rangeClosed(1, last).boxed().toList();
        for (CompletableFuture<List<Long>> watch : watches) {
          assertThat(watch.get()).isEqualTo(all);
        }
      }
    } finally {
      redis.stop();
    }
  }

  private static List<Long> positions(JobHandle job) {
    List<Long> positions = new ArrayList<>();
    try (JobWatch watch = job.watch()) {
      for (JobEvent event : watch) {
        if (event instanceof JobEvent.Entry entry) {
          positions.add(entry.entry().getSequence());
        }
      }
    }
    return positions;
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aTokenIsNotSentInTheClearIfOneServerIsRemote() {
    assertThatThrownBy(
            () -> JobClient.builder("localhost:7300,b:7300").plaintext().token("t").build())
        .isInstanceOf(IllegalStateException.class);
  }
}
