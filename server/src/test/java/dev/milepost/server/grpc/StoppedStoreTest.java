package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.store.sqlite.FaultyDisk;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose disk has failed reports it, and neither responds to nor accepts anything else. */
class StoppedStoreTest {
  @TempDir private Path directory;

  private static List<ServingStatus> health(TestClient client) {
    return List.of("", JobServiceGrpc.SERVICE_NAME, WorkerServiceGrpc.SERVICE_NAME).stream()
        .map(
            name ->
                HealthGrpc.newBlockingStub(client.channel())
                    .check(HealthCheckRequest.newBuilder().setService(name).build())
                    .getStatus())
        .toList();
  }

  @Test
  void aServerStopsServingAfterAFailedFlush() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    try (BareServer server =
        BareServer.start(
            BareServer.NO_LIMITS, clock -> disk.open(directory.resolve("jobs.db"), clock))) {
      TestClient ann = server.caller("acme ann USER");
      Job job = ann.create("a");
      JobWatchRecorder watch = ann.watch(job.getId()).awaitMessages(1);
      assertThat(health(ann)).containsOnly(ServingStatus.SERVING);
      assertThat(server.isServing()).isTrue();
      disk.fail();

      Failure unconfirmed = Failure.of(() -> ann.create("a"));
      assertThat(unconfirmed.code()).isEqualTo(Code.UNAVAILABLE);
      assertThat(unconfirmed.reason()).isEqualTo("STORE_OUTCOME_UNKNOWN");
      assertThat(health(ann)).containsOnly(ServingStatus.NOT_SERVING);
      assertThat(server.isServing()).isFalse();
      for (Failure refused :
          List.of(
              Failure.of(() -> ann.create("a")),
              Failure.of(() -> ann.get(job.getId())),
              watch.awaitFailure())) {
        assertThat(refused.code()).isEqualTo(Code.UNAVAILABLE);
        assertThat(refused.reason()).isEqualTo("STORE_UNAVAILABLE");
        assertThat(refused.message()).contains("restart the server");
      }
    }
  }
}
