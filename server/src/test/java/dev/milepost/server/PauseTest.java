package dev.milepost.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobStatus;
import dev.milepost.v1.JobTimeouts;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops the process of a server, and lets it go on. */
@Tag("slow")
class PauseTest {
  private static final int WORKERS = 10;
  private static final int LEASE_SECONDS = 2;
  private static final Duration PAUSE = Duration.ofSeconds(5);

  @TempDir Path directory;

  private final ScheduledExecutorService workers = Executors.newScheduledThreadPool(WORKERS);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private Process server;
  private URI metrics;

  @AfterEach
  void stop() {
    workers.shutdownNow();
    channels.forEach(ManagedChannel::shutdownNow);
    server.destroyForcibly();
  }

  private TestClient start() throws IOException {
    ProcessBuilder command =
        ServerProcess.command(
            directory,
            "--store",
            "sqlite:" + directory.resolve("jobs.db"),
            "--listen",
            "localhost:0");
    command.environment().put("MILEPOST_HTTP_LISTEN", "localhost:0");
    server = command.redirectErrorStream(true).start();
    List<String> greeting = ServerProcess.greeting(server);
    metrics =
        greeting.stream()
            .map(String::strip)
            .filter(line -> line.startsWith("http "))
            .map(line -> URI.create(line.replaceAll("http\\s+", "") + "/metrics"))
            .findFirst()
            .orElseThrow();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", ServerProcess.port(greeting))
            .usePlaintext()
            .build();
    channels.add(channel);
    return new TestClient(channel).as("ann");
  }

  private void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  /** A worker with short leases that sends heartbeats. */
  private static final class Worker {
    private final HeldJob job;
    private final AtomicInteger heartbeats = new AtomicInteger();

    Worker(TestClient client) {
      this.job =
          client.start(
              JobSpec.newBuilder()
                  .setType("a")
                  .setTimeouts(
                      JobTimeouts.newBuilder().setLease(TestClient.seconds(LEASE_SECONDS))));
    }

    void beat() {
      job.heartbeat();
      heartbeats.incrementAndGet();
    }
  }

  /** Waits until each worker has sent as many heartbeats more. */
  private static void awaitHeartbeats(List<Worker> live, int more) {
    Map<Worker, Integer> from = new HashMap<>();
    live.forEach(worker -> from.put(worker, worker.heartbeats.get()));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                from.entrySet().stream()
                    .allMatch(
                        worker -> worker.getKey().heartbeats.get() >= worker.getValue() + more));
  }

  @Test
  void noAttemptIsLostWhenTheServerWasStopped() throws Exception {
    TestClient ann = start();
    List<Worker> live = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      Worker worker = new Worker(ann);
      live.add(worker);
      var unused = workers.scheduleWithFixedDelay(worker::beat, 0, 500, TimeUnit.MILLISECONDS);
    }
    awaitHeartbeats(live, 2);
    HeldJob silent = new Worker(ann).job;

    signal("STOP");
    long stopped = System.nanoTime();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> System.nanoTime() - stopped > PAUSE.toNanos());
    signal("CONT");

    // Longer than two leases.
    awaitHeartbeats(live, 10);
    for (Worker worker : live) {
      JobStatus status = ann.get(worker.job.jobId()).getStatus();
      assertThat(status.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      assertThat(status.getAttempt()).isEqualTo(1);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> ann.get(silent.jobId()).getStatus().getState() != JobState.JOB_STATE_RUNNING);
    Job lost = ann.get(silent.jobId());
    assertThat(lost.getStatus().getError().getCode()).isEqualTo("LEASE_EXPIRED");
    assertThat(
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                .body()
                .lines())
        .contains("milepost_server_pauses_seconds_count 1");
  }
}
