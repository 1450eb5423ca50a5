package dev.milepost.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.grpc.HeldJob;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.server.metrics.MetricsPage;
import dev.milepost.v1.CancelJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to jobs when the clock of a shared store is set, in real time. */
abstract class EngineJumpContract {
  private static final long SECONDS = 4;

  /** The URL of an empty store whose clock can be set. */
  protected abstract String url();

  /** Sets the clock of the engine: forward, or back. */
  protected abstract void jump(Duration by);

  private static JobSpec.Builder spec(JobTimeouts.Builder timeouts) {
    return JobSpec.newBuilder().setType("a").setMaxRetries(0).setTimeouts(timeouts);
  }

  private static JobState state(TestClient client, String id) {
    return client.get(id).getStatus().getState();
  }

  @ParameterizedTest
  @ValueSource(longs = {3_600, -3_600})
  void leasesGracesAndTimeoutsNeitherEndEarlyNorHang(long seconds) {
    try (TestServer server =
        TestServer.inRealTime(
            Map.of("milepost.store", url(), "milepost.http.listen", "localhost:0"))) {
      TestClient ann = server.client();
      long begun = System.nanoTime();
      HeldJob live = ann.start("a");
      HeldJob cancelled = ann.start("a");
      HeldJob silent =
          ann.start(spec(JobTimeouts.newBuilder().setLease(TestClient.seconds(SECONDS))));
      Job queued = ann.create(spec(JobTimeouts.newBuilder().setQueue(TestClient.seconds(SECONDS))));
      ann.jobs()
          .cancelJob(
              CancelJobRequest.newBuilder()
                  .setJobId(cancelled.jobId())
                  .setGrace(TestClient.seconds(SECONDS))
                  .build());

      jump(Duration.ofSeconds(seconds));
      String direction = seconds > 0 ? "forward" : "back";
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  MetricsPage.read(server.server().http() + "/metrics")
                          .value("milepost_clock_jumps_total{direction=\"" + direction + "\"}")
                      > 0);

      Map<String, JobState> ends =
          Map.of(
              silent.jobId(), JobState.JOB_STATE_FAILED,
              queued.getId(), JobState.JOB_STATE_FAILED,
              cancelled.jobId(), JobState.JOB_STATE_CANCELLED);
      Map<String, Long> ended = new HashMap<>();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                live.heartbeat();
                ends.forEach(
                    (id, end) -> {
                      if (state(ann, id) == end) {
                        ended.putIfAbsent(id, System.nanoTime() - begun);
                      }
                    });
                return ended.size() == ends.size();
              });

      assertThat(ended.values()).allMatch(nanos -> nanos >= Duration.ofSeconds(SECONDS).toNanos());
      assertThat(ann.get(silent.jobId()).getStatus().getError().getCode())
          .isEqualTo("LEASE_EXPIRED");
      assertThat(ann.get(queued.getId()).getStatus().getError().getCode())
          .isEqualTo("QUEUE_TIMEOUT");
      assertThat(ann.get(live.jobId()).getStatus().getAttempt()).isEqualTo(1);
      live.complete();
    }
  }
}
