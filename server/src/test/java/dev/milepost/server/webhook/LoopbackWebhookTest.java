package dev.milepost.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.milepost.server.grpc.BatchSender;
import dev.milepost.server.grpc.Failure;
import dev.milepost.server.grpc.TestClient;
import dev.milepost.server.grpc.TestServer;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import dev.milepost.v1.UpdateJobRequest;
import dev.milepost.v1.Webhook;
import io.grpc.Status.Code;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A webhook that this server would never deliver is refused when it is set. */
class LoopbackWebhookTest {
  private final TestServer server = TestServer.start(Map.of("milepost.webhooks.loopback", "off"));
  private final TestClient client = server.client();

  @AfterEach
  void stop() {
    server.close();
  }

  private static JobSpec.Builder spec(String url) {
    return JobSpec.newBuilder().setType("a").setWebhook(Webhook.newBuilder().setUrl(url));
  }

  private static void refused(String path, Callable<?> call) {
    Failure failure = Failure.of(call);
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.violations())
        .singleElement()
        .asString()
        .startsWith(path + ": ")
        .contains("milepost.webhooks.loopback");
  }

  @Test
  void everyWayToSetItRefusesTheOwnMachine() throws Exception {
    JobSpec.Builder local = spec("http://localhost:8080/hook");
    refused("spec.webhook.url", () -> client.create(local));
    refused("spec.webhook.url", () -> client.start(local));
    refused("batch.spec.webhook.url", () -> BatchSender.make(client, local, 3));
    Job job = client.create(spec("HTTPS://hooks.example/"));
    UpdateJobRequest.Builder update =
        UpdateJobRequest.newBuilder().setJobId(job.getId()).setSpec(local);
    refused(
        "spec.webhook.url",
        () ->
            client
                .jobs()
                .updateJob(
                    update.setUpdateMask(FieldMask.newBuilder().addPaths("webhook")).build()));
    assertThat(client.get(job.getId())).isEqualTo(job);
    // A change of something else does not look at it.
    client
        .jobs()
        .updateJob(update.setUpdateMask(FieldMask.newBuilder().addPaths("labels")).build());
  }
}
